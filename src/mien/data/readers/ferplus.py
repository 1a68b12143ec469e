"""FER+ (Barsoum et al. 2016): ten people's votes on each face, joined to the rows of a CSV.

`fer2013new.csv` has one row for each row of `fer2013.csv`, in the same order. The image names in it
drift against the rows and some are missing, so the order is what joins, checked by Usage.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.data.reading import Reading
from mien.errors import DataError
from mien.files.bounded import open_text
from mien.files.identify import VOTES, require_kind
from mien.labels import FERPLUS_COLUMNS, SPLITS, USAGES
from mien.limits import MAX_ROWS, MAX_TEXT_BYTES
from mien.media.archives.members import named_damage
from mien.text import counted

COLUMNS: Final = ("Usage", "Image name", *FERPLUS_COLUMNS)
VOTERS: Final = 10
"""People who voted on each face, so no count is higher."""

_COUNTS: Final = {str(count): count for count in range(VOTERS + 1)}


@dataclass(frozen=True)
class Votes:
    """The rows of a FER+ file: splits uint8 (n,), as positions in `SPLITS`, and votes uint8 (n, 10)."""

    splits: NDArray[np.uint8]
    votes: NDArray[np.uint8]


def read_votes(path: Path) -> Votes:
    """Read a FER+ file.

    Raises:
        DataError: No such file, another header, or a row that isn't a Usage, a name and ten counts.
    """
    require_kind(path, "votes of FER+ (fer2013new.csv)", (VOTES,), DataError)
    with named_damage(path):
        try:
            with open_text(path, MAX_TEXT_BYTES) as stream:
                return _parsed(path, csv.reader(stream, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{path}: not a CSV of FER+ votes ({error})") from error


def with_votes(reading: Reading, path: Path) -> Reading:
    """Return `reading` with the votes of the FER+ file at `path`.

    Rows that were left out of the reading drop out of the votes too. Votes on splits that the
    source lacks altogether (PrivateTest, say) are left out; order does the rest.

    Raises:
        DataError: The file is malformed, or doesn't go with the source row by row.
    """
    if reading.rows is None:
        raise DataError(
            f"{reading.faces.source}: FER+ joins by the row order of fer2013.csv, which images in folders "
            "have lost; give the CSV (or its .tar.gz) as the source"
        )
    votes = _fitted(read_votes(path), reading, path)
    rows = np.array([int(name) - 1 for name in reading.faces.ids], np.int64)
    wrong = np.flatnonzero(votes.splits[rows] != reading.faces.splits)
    if len(wrong):
        face = int(wrong[0])
        found, expected = _usage(votes.splits[rows[face]]), _usage(reading.faces.splits[face])
        raise DataError(
            f"{path}: the row for row {rows[face] + 1} of {reading.faces.source} is of {found}, "
            f"expected {expected}; these two files don't belong together"
        )
    return replace(reading, faces=replace(reading.faces, votes=votes.votes[rows]))


def _fitted(votes: Votes, reading: Reading, path: Path) -> Votes:
    """Leave out the splits that the source lacks, where that makes the row counts equal."""
    if len(votes.splits) != reading.rows:
        kept = np.isin(votes.splits, np.unique(reading.faces.splits))
        if int(kept.sum()) != reading.rows:
            raise DataError(
                f"{path}: {counted(len(votes.splits), 'row')} of votes for the {reading.rows} rows of "
                f"{reading.faces.source}, expected one for each; give the fer2013new.csv that goes with it"
            )
        return Votes(votes.splits[kept], votes.votes[kept])
    return votes


def _parsed(path: Path, lines: Iterator[list[str]]) -> Votes:
    header = tuple(name.strip() for name in next(lines, ()))
    if header != COLUMNS:
        raise DataError(
            f"{path}: not a FER+ file: its header is {','.join(header)!r}, expected {','.join(COLUMNS)!r}"
        )
    rows = ((number, cells) for number, cells in enumerate(lines, start=1) if cells)
    parsed = [
        _parsed_row(f"{path}: row {number} (line {number + 1})", cells)
        for number, cells in islice(rows, MAX_ROWS + 1)
    ]
    if len(parsed) > MAX_ROWS:
        raise DataError(f"{path}: over {MAX_ROWS} rows, expected votes on FER2013")
    if not parsed:
        raise DataError(f"{path}: a header and no rows, expected votes; is the file cut off?")
    splits, votes = zip(*parsed, strict=True)
    return Votes(np.array(splits, np.uint8), np.array(votes, np.uint8))


def _parsed_row(where: str, cells: Sequence[str]) -> tuple[int, list[int]]:
    if len(cells) != len(COLUMNS):
        raise DataError(f"{where}: {counted(len(cells), 'column')}, expected {len(COLUMNS)}")
    split = USAGES.get(cells[0].strip())
    if split is None:
        raise DataError(f"{where}: Usage is {cells[0]!r}, expected {', '.join(USAGES)}")
    return SPLITS.index(split), [
        _count(where, *item) for item in zip(FERPLUS_COLUMNS, cells[2:], strict=True)
    ]


def _count(where: str, column: str, text: str) -> int:
    count = _COUNTS.get(text.strip())
    if count is None:
        raise DataError(f"{where}: {column} is {text!r}, expected a whole number of votes from 0 to {VOTERS}")
    return count


def _usage(split: np.uint8) -> str:
    return next(usage for usage, name in USAGES.items() if name == SPLITS[split])
