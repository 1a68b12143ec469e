"""CSV (RFC 4180, UTF-8, lines end with LF): one row per face."""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, ClassVar, Final, NamedTuple

import numpy as np

from mien.files.writing import csv_line
from mien.limits import MAX_RECORD_BYTES
from mien.output.writers.base import WrittenResult
from mien.output.writers.rows import rows_of
from mien.output.writers.text import TextWriter
from mien.recognition.columns import COLUMNS, Cell, classes_of, columns_of
from mien.recognition.face import Result
from mien.text import unescape_name


class CsvWriter(TextWriter):
    """Writes a CSV; all rows of an image or frame are written together.

    Names of sources are not altered, even those that a spreadsheet reads as formulas, since they are keys.
    """

    title = "CSV"
    endings: ClassVar[tuple[str, ...]] = (".csv",)
    mergeable = True
    more_columns: ClassVar[tuple[str, ...]] = ()
    """Columns after the probabilities."""

    def header(self) -> bytes:
        """Return the names of the columns."""
        return encode_row((*columns_of(self.classes), *self.more_columns))

    def encode(self, result: Result, *, first: bool) -> bytes:  # noqa: ARG002 - all rows are alike
        """Return the rows of a result."""
        return b"".join(map(encode_row, rows_of(result, self.classes)))

    @classmethod
    def read_written(cls, path: Path) -> Iterator[WrittenResult]:
        """Yield the complete results of a file.

        If the last row is incomplete, its result is skipped with all its rows.
        """
        if not path.exists():
            return
        with path.open("rb") as stream:
            records = cls._records(stream, path)
            header = next(records, None)
            if header is None:
                cls._check_incomplete_header(path)
                return
            if tuple(header.cells[:6]) == COLUMNS[:6] and tuple(header.cells[: len(COLUMNS)]) != COLUMNS:
                raise cls.other_columns(path)
            columns = header.cells[: len(header.cells) - len(cls.more_columns)]
            if (*columns[: len(COLUMNS)], *header.cells[len(columns) :]) != (*COLUMNS, *cls.more_columns):
                raise cls.unexpected_content(path, header.line)
            classes = classes_of(columns)
            for row in cls._last_rows(records, path, len(header.cells)):
                source, frame = row.key
                yield WrittenResult(unescape_name(source), int(frame) if frame else None, classes, row.end)

    @classmethod
    def _check_incomplete_header(cls, path: Path) -> None:
        """Raise MienError unless a file without a complete header is the beginning of one, or empty."""
        expected = ",".join(COLUMNS).encode()
        with path.open("rb") as stream:
            start = stream.read(len(expected))
        if start != expected[: len(start)]:
            raise cls.unexpected_content(path, 1)

    @classmethod
    def _last_rows(cls, records: Iterable["_Record | None"], path: Path, width: int) -> Iterator["_Record"]:
        """Yield the last row of each result, except for a result that an incomplete row follows."""
        previous: _Record | None = None
        for record in records:
            if record is None:
                return
            if len(record.cells) != width or not _is_row(record.cells):
                raise cls.unexpected_content(path, record.line)
            if previous is not None and previous.key != record.key:
                yield previous
            previous = record
        if previous is not None:
            yield previous

    @classmethod
    def _records(cls, stream: IO[bytes], path: Path) -> Iterator["_Record | None"]:
        """Yield the rows of a CSV; None for an incomplete one at the end."""
        parts: list[bytes] = []
        quotes, first, begin, end = 0, 1, 0, 0
        for number, line in enumerate(cls.lines_of(stream, path), start=1):
            if end - begin > MAX_RECORD_BYTES:
                raise cls.unexpected_content(path, first)
            parts.append(line)
            quotes += line.count(b'"')
            end += len(line)
            if quotes % 2 or not line.endswith(b"\n"):  # a line break inside quotes, or an incomplete row
                continue
            yield _Record(cls._parse_row(b"".join(parts), path, first), first, end)
            parts, first, begin = [], number + 1, end
        if parts:
            if any(_is_complete(line) for line in parts[1:]):  # it is no incomplete row, but an open quote
                raise cls.unexpected_content(path, first)
            yield None

    @classmethod
    def _parse_row(cls, row: bytes, path: Path, line: int) -> list[str]:
        try:
            return next(csv.reader([row.decode()], strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise cls.unexpected_content(path, line) from error


_FRAME: Final = COLUMNS.index("frame")
_TEXTS: Final = frozenset({"source", "label", "uncertain", "uncertain_reason"})
_NUMBERS: Final = tuple(at for at, name in enumerate(COLUMNS) if name not in _TEXTS)
_NUMBER: Final = re.compile(r"(?:-?[0-9]{1,18}(?:\.[0-9]{1,30})?)?")


def _is_complete(line: bytes) -> bool:
    """Return whether a line is a whole row with the columns of a result."""
    try:
        cells = next(csv.reader([line.decode()], strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return False
    return line.endswith(b"\n") and len(cells) > len(COLUMNS) and _is_row(cells)


def _is_row(cells: list[str]) -> bool:
    """Return whether the cells of numbers are numbers as they are written, or empty."""
    frame = cells[_FRAME]
    return (not frame or (frame.isascii() and frame.isdigit())) and all(
        _NUMBER.fullmatch(cells[at]) for at in _NUMBERS
    )


class _Record(NamedTuple):
    cells: list[str]
    line: int
    """Number of its first line."""
    end: int
    """Byte offset after it."""

    @property
    def key(self) -> tuple[str, str]:
        """Source and frame: the rows of a result have the same."""
        return self.cells[0], self.cells[_FRAME]


def encode_row(cells: Iterable[Cell]) -> bytes:
    """Return a row; cells with commas, quotes or line breaks of any kind are quoted."""
    return csv_line([_text(cell) for cell in cells]).encode()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return np.format_float_positional(cell, trim="0")  # 0.00001 rather than 1e-05
    return str(cell)
