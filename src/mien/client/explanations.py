"""Explanations that a server computed: the map of a face, as data."""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.arguments import Kind
from mien.client.answers import Answer, json_of, valid_answer
from mien.client.images import Part
from mien.errors import ImageError
from mien.explanation.regions import Part as FacePart
from mien.explanation.registry import DEFAULT
from mien.files.json_fields import Key, items, mapping, number, read_fields, require, text
from mien.recognition.face import Face

NOUN: Final = "the explanation"

PNG: Final = "data:image/png;base64,"


def _are_classes(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list | tuple) and len(value) > 0 and all(isinstance(one, str) for one in value)
    )


CLASSES: Final = Kind(_are_classes, "a class, or a list of classes")

LARGEST: Final = 1e9
"""Largest number of a map and of a part."""

MOST_ROWS: Final = 1024
"""Rows of a map, at most."""


@dataclass(frozen=True, eq=False)
class RemoteExplanation:
    """Which parts of a face support a class. `mien.Client.explain` returns one.

    Attributes:
        source: The path of the image, or "image".
        bundle: Name of the bundle that classified the face.
        detector: Name of the detector that found it.
        face: The face.
        class_name: The class that is explained.
        description: The most salient parts, such as "mouth corners, cheeks"; "" if none stands out.
        parts: The parts of the face by their mean saliency, the highest first.
        map: float32 (size, size), positive where a pixel supports the class.
        png: The face under its map, as the bytes of a PNG file.
        method: The method of the map.
        unit: What a number of the map is.
        others: The explanations of further classes, in the order of the request.
    """

    source: str
    bundle: str
    detector: str
    face: Face
    class_name: str
    description: str
    parts: tuple[FacePart, ...]
    map: NDArray[np.float32] = field(repr=False)
    png: bytes = field(repr=False)
    method: str = DEFAULT
    unit: str = ""
    others: "tuple[RemoteExplanation, ...]" = field(default=(), repr=False)

    def _repr_png_(self) -> bytes:
        """Return the image for a notebook."""
        return self.png


def point_of(x: float | None, y: float | None) -> tuple[float, float] | None:
    """Return a point of an image, or None.

    Raises:
        ImageError: Only one coordinate is given.
    """
    if (x is None) != (y is None):
        raise ImageError("x and y: expected both, or none")
    return None if x is None or y is None else (x, y)


def explanation_of(answer: Answer, part: Part) -> RemoteExplanation:
    """Return the answer to `/v1/explain`.

    Args:
        answer: Of the server.
        part: The image that was sent.

    Raises:
        ServerError: The server refused the request, or its answer is not valid.
    """
    with valid_answer():
        found = json_of(answer)
        fields = read_fields(_EARLIER | found if isinstance(found, dict) else found, _ANSWER, NOUN)
        common = {name: fields[name] for name in ("bundle", "detector", "method", "unit")}
        common |= {"source": part.source, "face": Face.from_dict(fields["face"])}
        others = tuple(RemoteExplanation(**common, **_of_class(one)) for one in fields["others"])
        return RemoteExplanation(**common, **_of_class(found), others=others)


def _of_class(value: object) -> dict[str, Any]:
    fields = read_fields(value, _CLASS, NOUN)
    return {
        "class_name": fields["class"],
        "description": fields["description"],
        "parts": tuple(FacePart(**read_fields(one, _PART, "a part")) for one in fields["parts"]),
        "map": fields["map"],
        "png": fields["image"],
    }


def _map(value: Any) -> NDArray[np.float32]:  # noqa: ANN401 - any JSON
    rows = items(value)
    require(0 < len(rows) <= MOST_ROWS)
    read = number(-LARGEST, LARGEST)
    found = np.array([[read(one) for one in items(row)] for row in rows], np.float32)
    require(found.shape == (len(rows), len(rows)))
    return found


def _png(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    require(text(value).startswith(PNG))
    return b64decode(value.removeprefix(PNG), validate=True)


_PART: Final = {
    "name": Key(text, "a name"),
    "share": Key(number(0, LARGEST), "a share"),
    "ratio": Key(number(0, LARGEST), "a ratio"),
}

_CLASS: Final = {
    "class": Key(text, "a name"),
    "description": Key(text, "a string"),
    "parts": Key(items, "a list of parts"),
    "map": Key(_map, "the rows of a square map"),
    "image": Key(_png, "a PNG as a data URL"),
}

_ANSWER: Final = {
    "bundle": Key(text, "a name"),
    "detector": Key(text, "a name"),
    "face": Key(mapping, "a face"),
    "method": Key(text, "a name"),
    "unit": Key(text, "a string"),
    "others": Key(items, "a list of explanations"),
}

_EARLIER: Final = {"method": DEFAULT, "unit": "gain of probability when visible", "others": []}
"""What servers of mien 0.2 do not state."""
