"""What a reader is given and returns, and the one place that decides what happens to a bad row."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from mien.data.images import Images
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.limits import MAX_BAD_ROWS, MIN_FACE_BYTES, unpacked_limit

if TYPE_CHECKING:
    from mien.detection.base import Detector

MOST_SKIPPED = 0.5
"""Largest fraction of bad rows that may be skipped; a source with more is probably of another format."""


class FaceShape(NamedTuple):
    """The form in which faces are read.

    Attributes:
        size: Side in pixels.
        channels: 1 (gray) or 3 (RGB).
        detector: Detects the face in each image; None if each image is a face.
        threads: Threads that decode images and detect faces; None is one per core, eight at most.
    """

    size: int = 48
    channels: int = 1
    detector: "Detector | None" = None
    threads: int | None = None

    def array(self, count: int) -> tuple[int, ...]:
        """Return the shape of an array of `count` faces: (n, size, size) or (n, size, size, 3)."""
        return (count, self.size, self.size, *([] if self.channels == 1 else [self.channels]))


def require_size(count: int, side: int, size: int, source: str) -> None:
    """Check that a data set has no more faces than its size allows.

    Args:
        count: Number of faces.
        side: Their side in the source, in pixels.
        size: Bytes of the source.
        source: Its name in errors.

    Raises:
        DataError: They would take much more memory than the source has bytes.
    """
    limit = unpacked_limit(size)
    if count * max(side * side, MIN_FACE_BYTES) > limit:
        raise DataError(
            f"{source}: {count} faces or more in {size} bytes; the limit is {limit >> 20} MB of pixels",
            path=source,
        )


GRAY_48 = FaceShape()
"""The shape of FER2013's faces."""


@dataclass(frozen=True)
class BadRow:
    """A row or image that was left out: `where` in the source, and what its `problem` is."""

    where: str
    problem: str


@dataclass(frozen=True)
class Reading:
    """The faces of a source, and how they were read.

    Attributes:
        faces: All faces that could be read.
        skipped: Rows or images left out, in the order of the source; empty unless requested.
        rows: Data rows of a FER2013 CSV, the skipped ones included; None for other formats.
        notes: Remarks for the user, such as a cache that can't be written.
        images: What was noticed about its images.
        numbers: How the source calls each of `faces.classes`, where it has numbers in place of their names.
    """

    faces: FaceSet
    skipped: tuple[BadRow, ...] = ()
    rows: int | None = None
    notes: tuple[str, ...] = ()
    images: Images = field(default_factory=Images)
    numbers: tuple[str, ...] = ()


@dataclass
class Faults:
    """Collects the bad rows of one reading, or raises at the first one; and what is noticed about images.

    Attributes:
        source: Name of the source in messages.
        skip: Collect instead of raising.
        rows: The bad rows.
        images: What was noticed about the images.
    """

    source: str
    skip: bool = False
    rows: list[BadRow] = field(default_factory=list)
    images: Images = field(default_factory=Images)

    def of(self, source: str) -> "Faults":
        """Return the same collection under another name of the source in messages."""
        return replace(self, source=source)

    def add(self, where: str, problem: str, *, row: int | None = None) -> None:
        """Skip one row or image.

        Args:
            where: Its place in messages.
            problem: What is wrong with it, and what was expected.
            row: Its number in the file, from 1.

        Raises:
            DataError: Bad rows are not to be skipped.
        """
        if not self.skip:
            message = f"{self.source}: {where}: {problem} (pass skip_bad=True to skip such faces)"
            raise DataError(message, path=self.source, row=row)
        if len(self.rows) >= MAX_BAD_ROWS:
            raise DataError(f"{self.source}: over {MAX_BAD_ROWS} bad rows, too many", path=self.source)
        self.rows.append(BadRow(where, problem))

    def require_mostly_good(self, good: int) -> None:
        """Check that enough of the data set is left.

        Raises:
            DataError: Nothing is left, or more than half was bad.
        """
        bad = len(self.rows)
        if bad and (good == 0 or bad > MOST_SKIPPED * (good + bad)):
            first = self.rows[0]
            raise DataError(
                f"{self.source}: {bad} of {good + bad} rows are bad, too many to skip; "
                f"the first: {first.where}: {first.problem}"
            )
