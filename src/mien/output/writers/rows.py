"""Rows of the CSV and Parquet outputs: one for each face."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from mien.recognition.columns import COLUMNS, LANDMARK_COLUMNS, Cell, columns_of
from mien.recognition.face import Result
from mien.text import escape_name

_DIGITS: Final = {
    "time": 4, "left": 1, "top": 1, "box_width": 1, "box_height": 1, "score": 4, "tilt": 1,
    **dict.fromkeys(LANDMARK_COLUMNS, 1),
}  # fmt: skip
"""Decimals of the columns; all others that are not whole numbers have five."""


def rows_of(result: Result, classes: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each face, numbered from 1; one with empty cells for an image without faces.

    Pixels are rounded to one decimal, probabilities to five, scores and seconds to four.
    """
    for row in result.rows():
        _, *cells = (
            round(cell, digits) if isinstance(cell, float) else cell
            for digits, cell in zip(_decimals(tuple(classes)), row, strict=True)
        )
        yield escape_name(result.source), *cells
    if not result.faces:
        time = None if result.time is None else round(result.time, _DIGITS["time"])
        head = (escape_name(result.source), result.width, result.height, result.frame, time)
        yield (*head, *[None] * (len(COLUMNS) - len(head) + len(classes)))


@cache
def _decimals(classes: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(_DIGITS.get(column, 5) for column in columns_of(classes))
