"""Rows of the CSV and Parquet outputs: one for each face."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from mien.recognition.face import COLUMNS, LANDMARK_COLUMNS, Cell, Result, columns_of

_DIGITS: Final = {
    "time": 4, "left": 1, "top": 1, "box_width": 1, "box_height": 1, "score": 4, "tilt": 1,
    **dict.fromkeys(LANDMARK_COLUMNS, 1),
}  # fmt: skip
"""Decimals of the columns; all others that are not whole numbers have five."""

_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")
_ESCAPED: Final = re.compile(r"\\udc([89a-f][0-9a-f])")


def rows_of(result: Result, classes: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each face, numbered from 1; one with empty cells for an image without faces.

    Pixels are rounded to one decimal, probabilities to five, scores and seconds to four.
    """
    for row in result.rows():
        _, *cells = (
            round(cell, digits) if isinstance(cell, float) else cell
            for digits, cell in zip(_decimals(tuple(classes)), row, strict=True)
        )
        yield escape_bytes(result.source), *cells
    if not result.faces:
        time = None if result.time is None else round(result.time, _DIGITS["time"])
        head = (escape_bytes(result.source), result.width, result.height, result.frame, time)
        yield (*head, *[None] * (len(COLUMNS) - len(head) + len(classes)))


@cache
def _decimals(classes: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(_DIGITS.get(column, 5) for column in columns_of(classes))


def escape_bytes(source: str) -> str:
    r"""Return a source with the bytes that are not UTF-8 escaped, as in `\udcff`."""
    return _NOT_UTF8.sub(lambda byte: f"\\u{ord(byte[0]):x}", source)


def unescape_bytes(text: str) -> str:
    """Return the source: the inverse of `escape_bytes`."""
    return _ESCAPED.sub(lambda code: chr(0xDC00 + int(code[1], 16)), text)
