"""The columns of a table of faces: those of each face, before one of probabilities for each class."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from mien.detection.landmarks import Landmarks

if TYPE_CHECKING:
    from mien.recognition.face import Result

LANDMARK_COLUMNS: Final = tuple(f"{point}_{axis}" for point in Landmarks._fields for axis in ("x", "y"))

COLUMNS: Final = (
    "source", "width", "height", "frame", "time", "face", "left", "top", "box_width", "box_height",
    "score", "tilt", "label", "confidence", "uncertain", "uncertain_reason", "track",
    *LANDMARK_COLUMNS,
)  # fmt: skip
"""Columns of a table of faces, before one column of probabilities for each class."""

_MARK: Final = " (class)"

Cell = str | int | float | bool | None
"""A value of a table of faces."""


def columns_of(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a table of faces; a class with the name of another column gets " (class)"."""
    return (*COLUMNS, *(name + _MARK if _is_ambiguous(name) else name for name in classes))


def classes_of(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the classes of a table of faces: the inverse of `columns_of`."""
    names = columns[len(COLUMNS) :]
    return tuple(name.removesuffix(_MARK) if _is_ambiguous(name) else name for name in names)


def rows_of(result: "Result") -> Iterator[tuple[Cell, ...]]:
    """Yield a row of `COLUMNS` and probabilities for each face, numbered from 1."""
    head = (result.source, result.width, result.height, result.frame, result.time)
    for number, face in enumerate(result.faces, start=1):
        found = (number, *face.box, face.score, face.tilt)
        prediction = (face.label, face.confidence, face.uncertain, face.uncertain_reason, face.track)
        yield (*head, *found, *prediction, *_coordinates(face.landmarks), *face.probabilities)


def _is_ambiguous(name: str) -> bool:
    """Return whether a name is that of a column, marked as a class any number of times."""
    while name.endswith(_MARK):
        name = name.removesuffix(_MARK)
    return name in COLUMNS


def _coordinates(landmarks: Landmarks | None) -> Iterator[float | None]:
    """Yield x and y of each landmark, or as many times None."""
    for point in landmarks or [(None, None)] * len(Landmarks._fields):
        yield from point
