"""Results as rows of a table, one a face: what CSV and Parquet have in common."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mien.recognition.face import Result

COLUMNS: Final = (
    "source", "width", "height", "frame", "time", "face", "left", "top", "box_width", "box_height",
    "score", "label", "confidence", "uncertain", "track",
)  # fmt: skip
"""Before one column a class. A picture without faces is a row whose columns from `face` on are empty."""

Cell = str | int | float | bool | None

_NO_UTF8: Final = re.compile("[\udc80-\udcff]")
_ESCAPED: Final = re.compile(r"\\udc([89a-f][0-9a-f])")


def columns_of(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns; a class that is called like one of the others is marked as a class."""
    return (*COLUMNS, *(f"{name} (class)" if name in COLUMNS else name for name in classes))


def rows_of(result: Result, classes: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each face, numbered from 1; one for a picture without faces.

    Pixels are rounded to a tenth, probabilities to five digits, seconds to four.
    """
    time = None if result.time is None else round(result.time, 4)
    head = (utf8(result.source), result.width, result.height, result.frame, time)
    for number, face in enumerate(result.faces, start=1):
        box = (round(value, 1) for value in face.box)
        seen = (round(face.score, 4), face.label, round(face.confidence, 5), face.uncertain, face.track)
        yield (*head, number, *box, *seen, *(round(score, 5) for score in face.scores))
    if not result.faces:
        yield (*head, *[None] * (len(COLUMNS) - len(head) + len(classes)))


def utf8(source: str) -> str:
    r"""Return a source with the bytes that are no UTF-8 spelled out, as in `\udcff`."""
    return _NO_UTF8.sub(lambda byte: f"\\u{ord(byte[0]):x}", source)


def from_utf8(text: str) -> str:
    """Return the source that `utf8` made text of."""
    return _ESCAPED.sub(lambda code: chr(0xDC00 + int(code[1], 16)), text)
