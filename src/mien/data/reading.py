"""What a reader is given and returns, and the one place that decides what happens to a bad row."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from mien.data.images import Images
from mien.errors import DataError
from mien.faceset import FaceSet

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
    """

    size: int = 48
    channels: int = 1
    detector: "Detector | None" = None

    def array(self, count: int) -> tuple[int, ...]:
        """Return the shape of an array of `count` faces: (n, size, size) or (n, size, size, 3)."""
        return (count, self.size, self.size, *([] if self.channels == 1 else [self.channels]))


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
        skipped: Rows or images left out, in the order of the source; empty unless asked for.
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
            message = f"{self.source}: {where}: {problem} (pass skip_bad=True to skip such rows)"
            raise DataError(message, path=self.source, row=row)
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
