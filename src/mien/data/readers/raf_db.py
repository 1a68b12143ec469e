"""The label lists of RAF-DB (Li et al. 2017): text files with rows such as `train_00001.jpg 5`.

A list names each image and its class, 1 to 7; the name begins with the split. The images lie beside the
list or where RAF-DB has them, aligned ones first: `Image/aligned/train_00001_aligned.jpg`, then
`Image/original/train_00001.jpg`. A folder or archive is read by the one list in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from mien.data.readers.base import Reader, SourceFiles
from mien.data.readers.layout import SPLIT_OF_NAME
from mien.data.readers.lines import first_line, lines_of
from mien.data.readers.listing import ImageFinder, ListedFace, read_listing, require_rows
from mien.data.readers.pixels import shown
from mien.data.reading import FaceShape, Faults, Reading
from mien.errors import DataError
from mien.labels import EMOTIONS
from mien.limits import MAX_BLANK_LINES
from mien.media.archives.members import Member

CLASSES: Final = ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")
"""The classes 1 to 7 of RAF-DB's basic emotions."""

NUMBERS: Final = tuple(str(CLASSES.index(emotion) + 1) for emotion in EMOTIONS)
"""How the lists call the seven emotions."""

FOLDERS: Final = ("", "aligned", "Image/aligned", "../Image/aligned", "original", "Image/original")
"""Folders of the images, relative to the list, in the order in which they are searched."""

_ROW: Final = re.compile(
    rb"((train|val|valid|validation|test)_[^\s/\\]*\.\w+)[ \t]+(\d{1,3})\s*", re.IGNORECASE
)
_LONGEST_LINE: Final = 1000


class RafDbReader(Reader):
    """Reads a label list of RAF-DB, or a folder or archive that contains one."""

    def recognizes(self, source: SourceFiles) -> bool:
        """Return whether a text file begins with a row of RAF-DB."""
        return bool(_lists(source))

    def read(self, source: SourceFiles, faults: Faults, shape: FaceShape) -> Reading:
        """Read the images that the list names, in its order."""
        member = source.only(_lists(source), "a label list of RAF-DB")
        faults = faults.of(source.name_of(member))
        listed = require_rows(_rows(member, faults), faults)
        find = ImageFinder(source, member)
        images = [find(*_candidates(face.path)) for face in listed]
        return replace(read_listing(listed, images, faults, shape), numbers=NUMBERS)

    def outside(self, source: SourceFiles) -> Sequence[Member]:
        """Return the images that a list on disk names."""
        member = source.members[0]
        find = ImageFinder(source, member)
        listed = _rows(member, Faults(str(source.path), skip=True))
        return [found for face in listed if (found := find(*_candidates(face.path))) is not None]


RAF_DB: Final = RafDbReader()


def _lists(source: SourceFiles) -> list[Member]:
    return [
        member
        for member in source.files(".txt")
        if _ROW.fullmatch(first_line(source.head(member).lstrip(b"\xef\xbb\xbf")))
    ]


def _candidates(name: str) -> list[str]:
    """The paths, relative to the list, under which an image may be found."""
    path = PurePosixPath(name)
    aligned = f"{path.stem}_aligned{path.suffix}"
    names = [(folder, one) for folder in FOLDERS for one in (name, aligned)]
    return [f"{folder}/{one}" if folder else one for folder, one in names] + [f"../Image/original/{name}"]


def _rows(member: Member, faults: Faults) -> Iterator[ListedFace]:
    number = blank = 0
    with member.open() as stream:
        for line, content in enumerate(lines_of(stream, _LONGEST_LINE), start=1):
            blank = blank + 1 if content.isspace() else 0
            if blank > MAX_BLANK_LINES:
                raise DataError(f"{faults.source}: over {MAX_BLANK_LINES} blank lines before line {line}")
            if blank:
                continue
            number += 1
            match = _ROW.fullmatch(content.lstrip(b"\xef\xbb\xbf"))
            label = int(match[3]) if match else 0
            if match is None or not 1 <= label <= len(CLASSES):
                problem = (
                    f"{shown(content.strip())}, expected a row such as 'train_00001.jpg 5', classes 1 to 7"
                )
                faults.add(f"row {number} (line {line})", problem, row=number)
                continue
            name, split = match[1].decode("ascii", "replace"), SPLIT_OF_NAME[match[2].decode().lower()]
            yield ListedFace(number, line, name, CLASSES[label - 1], split)
