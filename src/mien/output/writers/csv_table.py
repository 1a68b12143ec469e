"""CSV (RFC 4180, UTF-8, lines end with LF): one row a face, for data frames."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np

from mien.output.writers.rows import from_utf8, rows_of
from mien.output.writers.text import TextWriter
from mien.output.writers.written import Written, end_of, foreign
from mien.recognition.face import COLUMNS, Cell, Result, columns_of

KIND = "CSV"


class CsvWriter(TextWriter):
    """Writes a CSV; the rows of a picture or frame go out together.

    Names stay as they are, whatever a spreadsheet makes of them: they are what rows are joined by.

    Args:
        target: A file, or None for standard output.
        classes: Of the bundle.
        resume: Go on after the last whole result in the file, if there is one.

    Raises:
        MienError: The file to resume holds something else, or other classes.
    """

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        self._classes = classes
        names = columns_of(classes)[len(COLUMNS) :]
        super().__init__(target, end_of(read_csv_table(target), names, target) if resume and target else 0)

    def opening(self) -> bytes:
        """Return the header."""
        return _line(columns_of(self._classes))

    def encoded(self, result: Result, *, first: bool) -> bytes:  # noqa: ARG002 - all rows are alike
        """Return the rows of a result."""
        return b"".join(map(_line, rows_of(result, self._classes)))


_HEAD: Final = ",".join(COLUMNS).encode()


class _Record(NamedTuple):
    cells: list[str]
    line: int
    end: int


def read_csv_table(path: Path) -> Iterator[Written]:
    """Yield the whole results of a file, none where there is no file.

    Where the last row is torn the result before it is left out, too: it may be the same one.

    Raises:
        MienError: It isn't such a file.
    """
    if not path.exists():
        return
    with path.open("rb") as stream:
        records = _records(stream, path)
        header = next(records, None)
        if header is None:
            _refuse_unless_torn(path)
            return
        if tuple(header.cells[: len(COLUMNS)]) != COLUMNS:
            raise foreign(path, KIND, header.line)
        classes = tuple(header.cells[len(COLUMNS) :])
        for row in _whole(records, path, len(header.cells)):
            source, frame = _key(row)
            yield Written(from_utf8(source), int(frame) if frame else None, classes, row.end)


def _refuse_unless_torn(path: Path) -> None:
    """Raise MienError unless a file without a whole header holds the beginning of one, or nothing."""
    with path.open("rb") as stream:
        start = stream.read(len(_HEAD))
    if start != _HEAD[: len(start)]:
        raise foreign(path, KIND, 1)


def _whole(records: Iterable[_Record | None], path: Path, width: int) -> Iterator[_Record]:
    """Yield the last row of each result, without the last result where a torn row follows."""
    held: _Record | None = None
    for record in records:
        if record is None:
            return
        if len(record.cells) != width or not re.fullmatch(r"\d*", record.cells[COLUMNS.index("frame")]):
            raise foreign(path, KIND, record.line)
        if held is not None and _key(held) != _key(record):
            yield held
        held = record
    if held is not None:
        yield held


def _records(stream: IO[bytes], path: Path) -> Iterator[_Record | None]:
    """Yield the rows of a CSV; None for one that is torn at the end."""
    parts: list[bytes] = []
    quotes, first, end = 0, 1, 0
    for number, line in enumerate(stream, start=1):
        parts.append(line)
        quotes += line.count(b'"')
        end += len(line)
        if quotes % 2 or not line.endswith(b"\n"):  # a line break between quotes, or the torn end
            continue
        yield _Record(_cells(b"".join(parts), path, first), first, end)
        parts, first = [], number + 1
    if parts:
        yield None


def _cells(record: bytes, path: Path, line: int) -> list[str]:
    try:
        return next(csv.reader([record.decode(errors="replace")], strict=True))
    except csv.Error as error:
        raise foreign(path, KIND, line) from error


def _key(record: _Record) -> tuple[str, str]:
    return record.cells[0], record.cells[COLUMNS.index("frame")]


def _line(cells: Iterable[Cell]) -> bytes:
    """Return a row; texts with commas, quotes or line breaks of any kind are quoted."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_text(cell) for cell in cells])  # CR LF: else CR would go unquoted
    return buffer.getvalue().removesuffix("\r\n").encode() + b"\n"


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return np.format_float_positional(cell, trim="0")  # 0.00001 rather than 1e-05
    return str(cell)
