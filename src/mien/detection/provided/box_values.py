"""Provided boxes as numbers: what is not clearly a box is refused."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from numbers import Real
from typing import Any, Final

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.errors import DetectorError
from mien.limits import MAX_COORDINATE

MAX_TILT: Final = 360
"""Largest tilt of a face in degrees."""

_EXPECTED: Final = (
    f"expected left, top, width, height in pixels, up to {MAX_COORDINATE:g}, width and height above 0"
)

_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")

_LONGEST: Final = 64
"""Characters of a number."""


def box_of(values: object, where: str) -> Box:
    """Return four numbers that span an area as a box.

    Args:
        values: Left, top, width and height: numbers, not texts or booleans.
        where: Name of the box in errors.

    Raises:
        DetectorError: They are something else, or out of range.
    """
    numbers = None if isinstance(values, str | bytes | Mapping) else _four(values)
    if numbers is None or not all(map(_is_coordinate, numbers)):
        raise DetectorError(f"{where}: {_shown(values)}; {_EXPECTED}")
    box = Box(*(float(value) for value in numbers))  # type: ignore[arg-type]
    if not box.is_valid:
        raise DetectorError(f"{where}: {_shown(list(box))}; {_EXPECTED}")
    return box


def face_of(values: object, found: Mapping[str, Any], where: str) -> Detection:
    """Return a box with the score and the tilt of the result that it is from.

    Raises:
        DetectorError: The box, the score or the tilt is not valid.
    """
    score = _optional(found.get("score"), 1.0, (0, 1), f"{where}, score")
    tilt = _optional(found.get("tilt"), 0.0, (-MAX_TILT, MAX_TILT), f"{where}, tilt")
    return Detection(box_of(values, where), score, tilt)


def number_in(cell: object) -> object:
    """Return the number that a cell of a table contains, or the cell if it contains none."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    return float(text) if len(text) <= _LONGEST and _NUMBER.fullmatch(text) else cell


def _four(values: object) -> list[object] | None:
    """Return four values, or None if these are not four."""
    if not isinstance(values, Iterable):
        return None
    try:
        found = list(islice(values, 5))
    except (TypeError, ValueError, OSError):  # a scalar array, a closed file
        return None
    return found if len(found) == 4 else None


def _is_coordinate(value: object) -> bool:
    return _is_number(value) and -MAX_COORDINATE <= value <= MAX_COORDINATE  # type: ignore[operator]


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _optional(value: object, default: float, limits: tuple[float, float], where: str) -> float:
    number = number_in(value)
    if number is None or number == "":
        return default
    if not (_is_number(number) and limits[0] <= number <= limits[1]):  # type: ignore[operator]
        raise DetectorError(f"{where}: {_shown(value)}, expected a number, {limits[0]} to {limits[1]}")
    return float(number)  # type: ignore[arg-type]


def _shown(values: object) -> str:
    """The beginning of values; Python refuses to write integers of thousands of digits."""
    try:
        return str(values)[:60]
    except ValueError:
        return "numbers of thousands of digits"
