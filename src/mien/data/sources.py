"""From a source, whatever its format, to a FaceSet: the entrance of the house.

The format is told by content: the first bytes of a file, the header of a CSV. A new format is
one new file and one line in a table here.
"""

from dataclasses import replace
from pathlib import Path

from mien.data.competition_csv import COMPETITION_TEST, COMPETITION_TRAIN
from mien.data.csv_rows import Dialect, read_csv
from mien.data.fer2013_csv import FER2013
from mien.data.icml_csv import ICML
from mien.data.pixels import SIDE
from mien.data.reading import Faults, Reading
from mien.errors import DataError
from mien.faceset import FaceSet

DIALECTS: tuple[Dialect, ...] = (FER2013, ICML, COMPETITION_TRAIN, COMPETITION_TEST)
"""CSV editions; of several in one archive, the first in this order is read."""


def read_faces(
    source: str | Path,
    *,
    ferplus: Path | None = None,
    side: int = SIDE,
    skip_bad: bool = False,
    cache: bool = True,
) -> FaceSet:
    """Read the faces of `source`; see `read_source`, which also tells what was left out."""
    return read_source(source, ferplus=ferplus, side=side, skip_bad=skip_bad, cache=cache).faces


def read_source(
    source: str | Path,
    *,
    ferplus: Path | None = None,
    side: int = SIDE,
    skip_bad: bool = False,
    cache: bool = True,
) -> Reading:
    """Read a source of faces, whatever its format."""
    path = Path(source)
    faults = Faults(str(path), skip_bad)
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(0)
        reading = read_csv(stream, _dialect_of(head, faults.source), faults, side=side)
    return replace(reading, faces=replace(reading.faces, source=str(source)))


def _dialect_of(head: bytes, source: str) -> Dialect:
    for dialect in DIALECTS:
        if dialect.recognises(head):
            return dialect
    raise DataError(f"{source}: not a known CSV")
