"""Manifests: a CSV or TSV with a header that lists images with their labels.

The columns are `path` and `label`, and optionally `split` and the face's box in the image: `box` with
"left,top,width,height", or four columns of these names. Their order is free and other columns are ignored.
Paths are relative to the manifest. Without a split, all faces are in the training split.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from mien.data.readers.base import Reader, SourceFiles
from mien.data.readers.decoding import Box
from mien.data.readers.layout import SPLIT_OF_NAME
from mien.data.readers.lines import first_line
from mien.data.readers.listing import ImageFinder, ListedFace, read_listing, require_rows
from mien.data.reading import FaceShape, Faults, Reading
from mien.detection import box
from mien.errors import DataError
from mien.labels import TRAIN
from mien.limits import MAX_BLANK_LINES, MAX_LINE_BYTES
from mien.media.archives.members import Member
from mien.text import counted

REQUIRED: Final = {"path", "label"}
BOX_COLUMNS: Final = ("left", "top", "width", "height")
COLUMNS: Final = (*sorted(REQUIRED), "split", "box", *BOX_COLUMNS)
LONGEST_LABEL: Final = 100


class ManifestReader(Reader):
    """Reads a manifest, or a folder or archive that contains one."""

    def recognizes(self, source: SourceFiles) -> bool:
        """Return whether a file's header has the columns `path` and `label`."""
        return bool(_manifests(source))

    def read(self, source: SourceFiles, faults: Faults, shape: FaceShape) -> Reading:
        """Read the images that the manifest lists, in its order."""
        member = source.only(_manifests(source), "a manifest")
        faults = faults.of(source.name_of(member))
        listed = require_rows(_rows(member, faults), faults)
        find = ImageFinder(source, member)
        return read_listing(listed, [find(face.path) for face in listed], faults, shape)

    def outside(self, source: SourceFiles) -> Sequence[Member]:
        """Return the images that a manifest on disk lists."""
        member = source.members[0]
        find = ImageFinder(source, member)
        paths = dict.fromkeys(face.path for face in _rows(member, Faults(str(source.path), skip=True)))
        return [found for path in paths if (found := find(path)) is not None]


MANIFEST: Final = ManifestReader()


def _manifests(source: SourceFiles) -> list[Member]:
    return [
        member
        for member in source.files(".csv", ".tsv")
        if set(_names(first_line(source.head(member)))) >= REQUIRED
    ]


def _names(header: bytes) -> list[str]:
    """The column names of a header, in lower case."""
    line = header.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return [name.strip().strip('"').strip().lower() for name in line.split(_delimiter(line))]


def _delimiter(header: str) -> str:
    return "\t" if "\t" in header else ","


def _rows(member: Member, faults: Faults) -> Iterator[ListedFace]:
    with member.open() as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        try:
            lines = _lines(text, faults.source)
            header = next(lines, "")
            reader = csv.reader(lines, delimiter=_delimiter(header), strict=True)
            names = _names(header.encode())
            _require_columns(names, faults.source)
            yield from _parsed(reader, names, faults)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{faults.source}: not a CSV or TSV in UTF-8 ({error})") from error


def _lines(text: io.TextIOWrapper, source: str) -> Iterator[str]:
    blank = 0
    while line := text.readline(MAX_LINE_BYTES):
        blank = blank + 1 if line.isspace() else 0
        if len(line) == MAX_LINE_BYTES or blank > MAX_BLANK_LINES:
            raise DataError(f"{source}: a line that is too long, or over {MAX_BLANK_LINES} blank lines")
        yield line


def _parsed(reader: "Iterator[list[str]]", names: Sequence[str], faults: Faults) -> Iterator[ListedFace]:
    number = 0
    for cells in reader:
        if not cells:
            continue
        number += 1
        line = reader.line_num + 1  # type: ignore[attr-defined] # the header was read before
        try:
            face = _listed(number, line, names, cells)
        except ValueError as error:
            faults.add(f"row {number} (line {line})", str(error), row=number)
        else:
            yield face


def _listed(row: int, line: int, names: Sequence[str], columns: Sequence[str]) -> ListedFace:
    """One row; raises ValueError with the problem."""
    if len(columns) != len(names):
        raise ValueError(f"{counted(len(columns), 'column')}, expected {len(names)} as in the header")
    cells = dict(zip(names, map(str.strip, columns), strict=True))
    path, label = cells["path"].replace("\\", "/"), cells["label"]
    if not path:
        raise ValueError("path is empty, expected the path of an image")
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        raise ValueError(f"label is {label[:20]!r}, expected the name of a class")
    return ListedFace(row, line, path, label, _split(cells), _box(cells))


def _split(cells: Mapping[str, str]) -> str:
    if "split" not in cells:
        return TRAIN
    split = SPLIT_OF_NAME.get(cells["split"].lower())
    if split is None:
        raise ValueError(f"split is {cells['split'][:20]!r}, expected train, validation or test")
    return split


def _box(cells: Mapping[str, str]) -> Box | None:
    """The box of a row; None if it is empty or there is no such column."""
    if "box" in cells:
        words = re.split(r"[,;\s]+", cells["box"].strip("[]() ")) if cells["box"] else []
    else:
        words = [cells[name] for name in BOX_COLUMNS if name in cells]
    if not any(words):
        return None
    try:
        left, top, width, height = map(float, words)
    except ValueError:
        raise ValueError(_bad_box(words)) from None
    if not box.Box(left, top, width, height).is_valid:
        raise ValueError(_bad_box(words))
    return left, top, width, height


def _bad_box(words: Sequence[str]) -> str:
    return (
        f"box is {','.join(words)[:40]!r}, expected left,top,width,height in pixels, width and height over 0"
    )


def _require_columns(names: Sequence[str], source: str) -> None:
    """Check for columns that are repeated, incomplete or misspelled.

    Raises:
        DataError: There are such columns.
    """
    repeated = [name for name in COLUMNS if names.count(name) > 1]
    if repeated:
        raise DataError(f"{source}: the column {repeated[0]} is there twice, expected it once")
    present = [name for name in BOX_COLUMNS if name in names]
    if present and len(present) < len(BOX_COLUMNS):
        missing = ", ".join(name for name in BOX_COLUMNS if name not in names)
        raise DataError(f"{source}: the column {present[0]} without {missing}; a box has all four or none")
    for name in names:
        close = get_close_matches(name, COLUMNS, n=1, cutoff=0.8)
        if name not in COLUMNS and close and close[0] not in names:
            raise DataError(f"{source}: a column {name!r}; did you mean {close[0]!r}? Rename or remove it")
