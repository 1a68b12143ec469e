"""What can be drawn: boxes with predicted labels."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from mien.arguments import (
    FINITE,
    FLAG,
    INTEGER,
    SHARE,
    TEXT,
    Kind,
    optional,
    require_fields,
    tuple_of,
    within,
)
from mien.detection.box import Box
from mien.errors import MienError
from mien.limits import MAX_COORDINATE
from mien.text import counted

COORDINATE: Final = within(FINITE, -MAX_COORDINATE, MAX_COORDINATE)
"""Kind of a number of pixels."""


def _is_box(value: object) -> bool:
    return isinstance(value, Box) and all(map(COORDINATE.accepts, value))


_FIELDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "box": Kind(_is_box, f"a Box of numbers up to {MAX_COORDINATE:g}"),
        "label": TEXT,
        "confidence": SHARE,
        "uncertain": FLAG,
        "probabilities": tuple_of(SHARE, "a tuple of numbers, 0 to 1"),
        "classes": tuple_of(TEXT, "a tuple of strings"),
        "track": optional(INTEGER),
    }
)


class LabeledFace(Protocol):
    """A face with its expression, such as `mien.Face`."""

    @property
    def box(self) -> Box:
        """Position in the image, in pixels."""
        ...

    @property
    def label(self) -> str:
        """One of `classes`."""
        ...

    @property
    def confidence(self) -> float:
        """Probability of the label, 0 to 1."""
        ...

    @property
    def uncertain(self) -> bool:
        """Whether the label gets a question mark and a dashed frame."""
        ...

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Probability of each class, in the order of `classes`."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        ...

    @property
    def track(self) -> int | None:
        """Number of the track in a video, or None."""
        ...


class LabeledFaces(Protocol):
    """The faces of an image, such as `mien.Result`."""

    @property
    def faces(self) -> Sequence[LabeledFace]:
        """The faces; may be empty."""
        ...


def require_labeled_face(face: object) -> None:
    """Check what a `LabeledFace` requires.

    Raises:
        MienError: A field is missing, has another type or range, or doesn't fit the others.
    """
    require_fields(face, _FIELDS)
    classes, probabilities, label = (getattr(face, name) for name in ("classes", "probabilities", "label"))
    name = type(face).__name__
    if label not in classes:
        raise MienError(
            f"{name}: label={label!r}, expected one of its {counted(len(classes), 'class', 'classes')}"
        )
    if len(probabilities) != len(classes):
        raise MienError(
            f"{name}: {counted(len(probabilities), 'probability', 'probabilities')}, expected one for each "
            f"of its {counted(len(classes), 'class', 'classes')}"
        )
