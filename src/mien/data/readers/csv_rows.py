"""The streaming parser that all CSV editions of FER2013 share.

An edition is a `Dialect` (`fer2013_csv`). Rows are read in small batches, so that memory
holds the images and not the text.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import IO

import numpy as np

from mien.data.readers.base import Reader, SourceFiles
from mien.data.readers.csv_header import KNOWN, column_names, delimiter_of
from mien.data.readers.layout import SPLIT_OF_NAME
from mien.data.readers.lines import lines_of
from mien.data.readers.pixels import parse_pixels, shaped, shown, side_of
from mien.data.reading import GRAY_48, FaceShape, Faults, Reading, require_size
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, SPLITS, TRAIN, UNLABELED, USAGES, emotion_of
from mien.limits import MAX_BLANK_LINES, MAX_LINE_BYTES, MAX_ROWS
from mien.media.archives.members import Member, is_hidden
from mien.media.images.reading import IMAGE_SUFFIXES
from mien.text import counted

BATCH = 64
"""Rows parsed at a time; half a megabyte of text stays in the processor's cache."""

NUMBERS = tuple(map(str, range(len(EMOTIONS))))
"""How a CSV with numbers calls the seven emotions."""

_LABELS = {f"{label}{zeros}".encode(): label for label in range(len(EMOTIONS)) for zeros in ("", ".0", ".00")}
_SPLITS = {name.encode(): SPLITS.index(split) for name, split in SPLIT_OF_NAME.items()}


@dataclass(frozen=True)
class Dialect(Reader):
    """One CSV edition.

    Attributes:
        name: The file name under which the edition is known.
        columns: Names of its columns; white space around them and case are ignored.
        split: The split of all rows where there is no Usage column.
        delimiter: What separates the columns of a file: a comma, a semicolon or a tab.
    """

    name: str
    columns: tuple[str, ...]
    split: str = TRAIN
    delimiter: str = ","

    def recognizes(self, source: SourceFiles) -> bool:
        """Return whether `source` is or contains a file with this edition's columns."""
        return bool(self._tables(source))

    def read(self, source: SourceFiles, faults: Faults, shape: FaceShape) -> Reading:
        """Read the rows of the one file of this edition.

        Raises:
            DataError: There are several such files, or as `read_csv`.
        """
        member = source.only(self._tables(source), self.name)
        with member.open() as stream:
            named = Faults(source.name_of(member), faults.skip, faults.rows)
            reading = read_csv(stream, self, named, shape, size=source.size_of(member))
        return replace(reading, notes=(*reading.notes, *_unread_images(source, member)))

    def _tables(self, source: SourceFiles) -> list[Member]:
        """The files with this edition's header; without one, those with its columns in another order."""
        heads = [(member, source.head(member)) for member in source.files(".csv")]
        exact = [member for member, head in heads if self.matches(head)]
        return exact or [member for member, head in heads if self.admits(head)]

    def matches(self, head: bytes) -> bool:
        """Return whether `head`, the first bytes of a file, begins with this edition's header."""
        return column_names(head) == tuple(name.lower() for name in self.columns)

    def admits(self, head: bytes) -> bool:
        """Return whether `head` begins with this edition's columns, in any order, beside any others."""
        names = column_names(head)
        return sorted(name for name in names if name in KNOWN) == sorted(
            name.lower() for name in self.columns
        )

    def ordered_as(self, header: bytes) -> "Dialect":
        """Return this edition with its columns in the order of a file's header."""
        spelled = {name.lower(): name for name in self.columns}
        names = tuple(spelled.get(name, f"{name} (unused)") for name in column_names(header))
        return replace(self, columns=names, delimiter=delimiter_of(header))


def _unread_images(source: SourceFiles, table: Member) -> Iterator[str]:
    """A remark on images beside a table that is read instead of them."""
    endings = tuple(IMAGE_SUFFIXES)
    images = [one for one in source.members if one.path.lower().endswith(endings) and not is_hidden(one.path)]
    if images and not source.single:
        yield (
            f"{source.path}: the faces of {table.path} were read; images beside it were ignored "
            f"({images[0].path}{f' and {len(images) - 1:,} more' * (len(images) > 1)})"
        )


@dataclass(frozen=True)
class Row:
    """A data row of the file; numbers count from 1."""

    number: int
    line: int
    content: bytes

    @property
    def where(self) -> str:
        """The row's place in messages."""
        return f"row {self.number} (line {self.line})"

    @property
    def cut_off(self) -> str:
        """A remark for the last row of a file that ends in the middle of it."""
        return (
            "" if self.content.endswith(b"\n") else "; the file ends here without a line end: is it cut off?"
        )


@dataclass(frozen=True)
class _Cells:
    """The cells of a row, or the problem with it."""

    label: int = UNLABELED
    split: int = 0
    pixels: bytes = b""
    is_number: bool = True
    problem: str = ""


@dataclass
class _Columns:
    """The faces read so far. A bytearray grows in place, where arrays would double the memory.

    `side` is that of the faces in the file, 0 before the first batch; `is_numbered` says that all labels are
    numbers.
    """

    images: bytearray = field(default_factory=bytearray)
    labels: list[int] = field(default_factory=list)
    splits: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    side: int = 0
    is_numbered: bool = True


def read_csv(
    stream: IO[bytes], dialect: Dialect, faults: Faults, shape: FaceShape = GRAY_48, *, size: int = 0
) -> Reading:
    """Read all rows of a CSV.

    Args:
        stream: The file, at its start.
        dialect: The edition that its header was recognized as.
        faults: Takes every bad row.
        shape: Size and channels of the faces; of other sizes than 48, faces are resized.
        size: Bytes of the file, perhaps compressed, that limit how many faces it may have.

    Raises:
        DataError: No rows, a bad row that is not to be skipped, or too many of them.
    """
    lines = _numbered_lines(stream, faults)
    dialect = dialect.ordered_as(next(lines)[1])
    columns, rows = _Columns(), 0
    numbered = (Row(number, line, content) for number, (line, content) in enumerate(lines, start=1))
    while batch := list(islice(numbered, BATCH)):
        rows = batch[-1].number
        if rows > MAX_ROWS:
            raise DataError(
                f"{faults.source}: over {MAX_ROWS} rows, expected a set of faces that fits in memory"
            )
        _read_batch(batch, dialect, faults, columns, shape)
        require_size(len(columns.ids), columns.side, size, faults.source)
    if not rows:
        raise DataError(f"{faults.source}: a header and no rows, expected faces; is the file cut off?")
    faults.require_mostly_good(len(columns.ids))
    numbers = NUMBERS if columns.is_numbered and "emotion" in dialect.columns else ()
    return Reading(_face_set(columns, shape), tuple(faults.rows), rows, numbers=numbers)


def _numbered_lines(stream: IO[bytes], faults: Faults) -> Iterator[tuple[int, bytes]]:
    """Yield line numbers from 1 and lines. Blank lines may only end the file."""
    blank = 0
    for number, line in enumerate(lines_of(stream, MAX_LINE_BYTES), start=1):
        if len(line) >= MAX_LINE_BYTES:
            raise DataError(
                f"{faults.source}: line {number} is over {MAX_LINE_BYTES} bytes, not a row of pixels"
            )
        if line.isspace():
            blank = blank or number
            if number - blank >= MAX_BLANK_LINES:
                raise DataError(f"{faults.source}: over {MAX_BLANK_LINES} blank lines from line {blank} on")
            continue
        if blank:
            faults.add(f"line {blank}", "an empty line between rows")
            blank = 0
        yield number, line


def _read_batch(
    batch: Sequence[Row], dialect: Dialect, faults: Faults, columns: _Columns, shape: FaceShape
) -> None:
    parsed = [_interpreted(row, dialect) for row in batch]
    columns.side = columns.side or side_of([cells.pixels for cells in parsed])
    images, problems = parse_pixels([cells.pixels for cells in parsed], columns.side**2)
    good = []
    for position, (row, cells) in enumerate(zip(batch, parsed, strict=True)):
        problem = cells.problem or problems.get(position)
        if problem:
            faults.add(row.where, problem + row.cut_off, row=row.number)
        else:
            good.append(position)
    kept = images if len(good) == len(images) else images[good]
    columns.images += shaped(kept.reshape(-1, columns.side, columns.side), shape).data
    columns.is_numbered &= all(parsed[position].is_number for position in good)
    columns.labels += [parsed[position].label for position in good]
    columns.splits += [parsed[position].split for position in good]
    columns.ids += [str(batch[position].number) for position in good]


def _interpreted(row: Row, dialect: Dialect) -> _Cells:
    """The cells of a row, or what is wrong with those other than the pixels."""
    cells = _split_cells(row.content, dialect.delimiter)
    if cells is None:
        return _Cells(problem="its quotation marks don't pair up")
    if len(cells) != len(dialect.columns):
        return _Cells(
            problem=f"{counted(len(cells), 'column')}, expected {len(dialect.columns)} as in the header"
        )
    named = dict(zip(dialect.columns, cells, strict=True))
    label, is_number = _label(named["emotion"].strip()) if "emotion" in named else (UNLABELED, True)
    split = _SPLITS.get(named["Usage"].strip().lower()) if "Usage" in named else SPLITS.index(dialect.split)
    if label is None:
        found = shown(named["emotion"].strip())
        return _Cells(
            problem=f"emotion is {found}, expected 0 to {len(EMOTIONS) - 1}, or one of {', '.join(EMOTIONS)}"
        )
    if split is None:
        return _Cells(problem=f"Usage is {shown(named['Usage'].strip())}, expected {', '.join(USAGES)}")
    return _Cells(label, split, named["pixels"], is_number)


def _label(text: bytes) -> tuple[int | None, bool]:
    """The label that a cell gives, None if there is no such label, and whether it is a number."""
    label = _LABELS.get(text)
    if label is not None:
        return label, True
    emotion = emotion_of(text.decode("utf-8", "replace"))
    return (None if emotion is None else EMOTIONS.index(emotion)), False


def _split_cells(line: bytes, delimiter: str) -> list[bytes] | None:
    if b'"' not in line:
        return line.split(delimiter.encode())
    try:
        text = line.decode("utf-8", "backslashreplace")
        cells = next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return [cell.encode() for cell in cells]


def _face_set(columns: _Columns, shape: FaceShape) -> FaceSet:
    return FaceSet(
        images=np.frombuffer(columns.images, np.uint8).reshape(shape.array(len(columns.ids))),
        labels=np.array(columns.labels, np.int64),
        splits=np.array(columns.splits, np.uint8),
        ids=np.array(columns.ids, np.str_),
    )
