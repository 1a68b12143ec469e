"""`Face` and `Result`: the data that recognition returns and that every output takes.

A `Result` is one image, one frame of a video or one row of a data set. It holds its faces.
"""

import io
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from mien.arguments import INTEGER, checked, optional
from mien.data_frame import data_frame
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.crops import crop_faces, side_of
from mien.detection.landmarks import Landmarks
from mien.errors import ImageError, MienError

if TYPE_CHECKING:
    import pandas
    from PIL.Image import Image

LANDMARK_COLUMNS: Final = tuple(f"{point}_{axis}" for point in Landmarks._fields for axis in ("x", "y"))

COLUMNS: Final = (
    "source", "width", "height", "frame", "time", "face", "left", "top", "box_width", "box_height",
    "score", "tilt", "label", "confidence", "uncertain", "uncertain_reason", "track",
    *LANDMARK_COLUMNS,
)  # fmt: skip
"""Columns of a table of faces, before one column of probabilities for each class."""

_MAX_SIDE: Final = 8192
"""Longest side of a crop in pixels."""

HTML_SIDE: Final = 1024
"""Longer side of the image in a notebook, in pixels, at most."""
LOW_CONFIDENCE: Final = "low confidence"
"""Reason of an uncertain face that the classifier causes; the others are in `mien.detection.reliability`."""

_MARK: Final = " (class)"

Cell = str | int | float | bool | None
"""A value of a table of faces."""


@dataclass(frozen=True, repr=False)
class Face:
    """A face and its predicted expression.

    `Face.from_probabilities` derives the label, its confidence and whether it is uncertain.

    Attributes:
        box: Position in the image, in pixels.
        score: Confidence of the detector, 0 to 1; 1 for boxes that were provided.
        label: The most probable class.
        confidence: Probability of the label, 0 to 1.
        uncertain: Whether the label should not be relied on, because the box may not be an upright face or
            the confidence is below the confidence threshold.
        uncertain_reason: Why it is uncertain: "orientation" (the face is turned), "low detector score",
            "truncated image" or "low confidence", the first that applies; None if it is not uncertain.
            The first two don't apply to provided boxes and cropped faces, since no detector scored them.
        probabilities: Calibrated probability of each class, in the order of `classes`; their sum is 1.
        classes: Names of the classes.
        track: Number of the track in a video, from 1; None for images.
        tilt: Degrees by which the head is rotated clockwise in the image; the crop was rotated back by it.
        landmarks: Eyes, nose and mouth corners in pixels of the image; None if the detector has none.
    """

    box: Box
    score: float
    label: str
    confidence: float
    uncertain: bool
    probabilities: tuple[float, ...]
    classes: tuple[str, ...]
    track: int | None = None
    tilt: float = 0.0
    landmarks: Landmarks | None = None
    uncertain_reason: str | None = None

    @classmethod
    def from_probabilities(
        cls,
        box: Box,
        score: float,
        classes: Sequence[str],
        probabilities: Sequence[float],
        threshold: float = 0.0,
        track: int | None = None,
        *,
        tilt: float = 0.0,
        landmarks: Landmarks | None = None,
        doubt: str | None = None,
    ) -> Self:
        """Return a face with the most probable class as its label.

        Args:
            box: Position in the image, in pixels.
            score: Confidence of the detector, 0 to 1.
            classes: Names of the classes.
            probabilities: Probability of each class; the first of equal ones is the label.
            threshold: A face whose confidence is below this value is uncertain.
            track: Number of the track in a video.
            tilt: Degrees by which the head is rotated clockwise in the image.
            landmarks: Eyes, nose and mouth corners in pixels of the image.
            doubt: Why the box may not be an upright face; such a face is uncertain.
        """
        values = _numbers(probabilities, classes)
        confidence = max(values)
        label = classes[values.index(confidence)]
        reason = doubt or (LOW_CONFIDENCE if confidence < threshold else None)
        return cls(
            box, score, label, confidence, reason is not None, values, tuple(classes), track, tilt, landmarks,
            reason,
        )  # fmt: skip

    def __repr__(self) -> str:
        parts = [f"{self.label} {self.confidence:.2f}"]
        parts += [f"uncertain: {self.uncertain_reason}"] if self.uncertain_reason else []
        parts += [f"box=({', '.join(f'{value:g}' for value in _rounded(self.box, 1))})"]
        parts += [] if self.track is None else [f"track={self.track}"]
        return f"Face({', '.join(parts)})"

    def to_dict(self) -> dict[str, Any]:
        """Return the face as values that JSON can represent: pixels to one decimal, probabilities to five."""
        return {
            "box": _rounded(self.box, 1),
            "score": round(self.score, 4),
            "tilt": round(self.tilt, 1),
            "landmarks": None if self.landmarks is None else _rounded_points(self.landmarks),
            "label": self.label,
            "confidence": round(self.confidence, 5),
            "uncertain": self.uncertain,
            "uncertain_reason": self.uncertain_reason,
            "probabilities": dict(zip(self.classes, _rounded(self.probabilities, 5), strict=True)),
            "track": self.track,
        }


class _NotJson:
    """Annotation of a value that pydantic, and with it FastAPI, writes as null in JSON."""

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> dict[str, Any]:
        as_null = {"type": "function-plain", "function": lambda _: None, "when_used": "json"}
        return {"type": "any", "serialization": as_null}

    @classmethod
    def __get_pydantic_json_schema__(cls, *_: object) -> dict[str, Any]:
        return {"type": "null"}


@dataclass(frozen=True, repr=False)
class Result:
    """The faces of one image, frame or row, from left to right.

    Attributes:
        source: Path or name of the image or video.
        width: Width of the image in pixels.
        height: Height of the image in pixels.
        faces: The faces; may be empty.
        frame: Number of the frame in a video, from 0; None for images.
        time: Seconds since the start of the video; None for images.
        image: RGB uint8 (height, width, 3), where it was kept; else None.
        framing: How a box becomes the square that was classified.
        truncated: The image file ends early, and what is missing of it was taken as gray.
    """

    source: str
    width: int
    height: int
    faces: tuple[Face, ...]
    frame: int | None = None
    time: float | None = None
    image: Annotated[NDArray[np.uint8] | None, _NotJson] = field(default=None, compare=False)
    framing: Framing = field(default=Framing(), compare=False)
    truncated: bool = False

    def __repr__(self) -> str:
        at = "" if self.frame is None else f", frame {self.frame}"
        labels = ", ".join(f"{face.label} {face.confidence:.2f}" for face in self.faces) or "no faces"
        return f"Result({self.source!r}{at}, {self.width}x{self.height}: {labels})"

    def to_dict(self) -> dict[str, Any]:
        """Return the result, without its image, as values that JSON can represent."""
        return {
            "source": self.source,
            "width": self.width,
            "height": self.height,
            "frame": self.frame,
            "time": None if self.time is None else round(self.time, 4),
            "truncated": self.truncated,
            "faces": [face.to_dict() for face in self.faces],
        }

    def to_json(self) -> str:
        """Return `to_dict` as one line of JSON.

        Bytes of a file name that are not UTF-8 stay lone surrogates, as Python represents them.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield a row of `COLUMNS` and probabilities for each face, numbered from 1."""
        head = (self.source, self.width, self.height, self.frame, self.time)
        for number, face in enumerate(self.faces, start=1):
            found = (number, *face.box, face.score, face.tilt)
            prediction = (face.label, face.confidence, face.uncertain, face.uncertain_reason, face.track)
            yield (*head, *found, *prediction, *_coordinates(face.landmarks), *face.probabilities)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a pandas data frame: a row for each face, with the columns of the CSV output.

        Raises:
            MissingExtraError: Pandas is not installed.
        """
        classes = self.faces[0].classes if self.faces else ()
        return data_frame(self.rows(), columns_of(classes))

    @checked(ImageError, size=optional(INTEGER))
    def crops(self, size: int | None = None) -> list[NDArray[np.uint8]]:
        """Return the face of each box in color, upright and framed as it was classified.

        Args:
            size: Side of the crops in pixels; that of each face in the image by default.

        Returns:
            A square, RGB uint8 (side, side, 3), for each face.

        Raises:
            ImageError: The result was made without keeping the image.
        """
        if size is not None and not 0 < size <= _MAX_SIDE:
            raise ImageError(f"size={size}, expected the side of the crops in pixels, 1 to {_MAX_SIDE}")
        image, longest = self._kept_image(), max(self.width, self.height)
        found = [Detection(face.box, face.score, face.tilt) for face in self.faces]
        sides = [size or min(side_of(one, self.framing), longest) for one in found]
        return [
            crop_faces(image, [one], side, self.framing)[0] for one, side in zip(found, sides, strict=True)
        ]

    def _kept_image(self) -> NDArray[np.uint8]:
        if self.image is None:
            option = "keep_image" if self.frame is None else "keep_images"
            raise ImageError(f"{self.source}: this result has no image; pass {option}=True when recognizing")
        return self.image

    def plot(self) -> "Image":
        """Return the image with the box, label and probabilities of each face drawn in, as a Pillow image.

        Raises:
            ImageError: The result was made without keeping the image.
        """
        from PIL.Image import fromarray

        from mien.drawing import draw_faces

        return fromarray(draw_faces(self._kept_image(), self.faces))

    def _repr_html_(self) -> str:
        """Return the image with its boxes for a notebook; text where the image was not kept."""
        text = escape(repr(self))
        if self.image is None:
            return f"<pre>{text}</pre>"
        drawn = self.plot()
        drawn.thumbnail((HTML_SIDE, HTML_SIDE))
        buffer = io.BytesIO()
        drawn.save(buffer, "PNG")
        content = b64encode(buffer.getvalue()).decode()
        return f'<img src="data:image/png;base64,{content}" alt="{text}" style="max-width: 100%">'


def columns_of(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a table of faces; a class with the name of another column gets " (class)"."""
    return (*COLUMNS, *(name + _MARK if _is_ambiguous(name) else name for name in classes))


def classes_of(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the classes of a table of faces: the inverse of `columns_of`."""
    names = columns[len(COLUMNS) :]
    return tuple(name.removesuffix(_MARK) if _is_ambiguous(name) else name for name in names)


def _is_ambiguous(name: str) -> bool:
    """Return whether a name is that of a column, marked as a class any number of times."""
    while name.endswith(_MARK):
        name = name.removesuffix(_MARK)
    return name in COLUMNS


def top_two(face: Face) -> tuple[int, int]:
    """Return the positions of the most probable class and of the second."""
    first, second = sorted(range(len(face.probabilities)), key=lambda at: -face.probabilities[at])[:2]
    return first, second


def _coordinates(landmarks: Landmarks | None) -> Iterator[float | None]:
    """Yield x and y of each landmark, or as many times None."""
    for point in landmarks or [(None, None)] * len(Landmarks._fields):
        yield from point


def _rounded_points(landmarks: Landmarks) -> dict[str, list[float]]:
    return {name: _rounded(point, 1) for name, point in landmarks._asdict().items()}


def _rounded(values: Sequence[float], digits: int) -> list[float]:
    return [round(value, digits) for value in values]


def _numbers(probabilities: Sequence[float], classes: Sequence[str]) -> tuple[float, ...]:
    """Return the probabilities as numbers, one or more, and as many as there are classes."""
    try:
        values = tuple(map(float, probabilities))
    except (TypeError, ValueError, OverflowError) as error:
        raise MienError(f"probabilities of a face: {error}; expected a number for each class") from error
    if not isinstance(classes, list | tuple) or len(classes) != len(values) or not values:
        raise MienError(f"{len(values)} probabilities of a face, expected one for each of its classes")
    return values
