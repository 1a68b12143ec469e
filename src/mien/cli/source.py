"""The options of commands that read a data set, and the reading: remarks are printed to standard error."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import Parameter

from mien.api.data import remarks
from mien.cli.app import with_options
from mien.cli.option_groups import DATA
from mien.console import Console

if TYPE_CHECKING:
    from mien.data import Reading

Faces = Literal["whole", "detect"]
"""How the faces of images are found: each image is one, or they are detected."""


@Parameter(name="*", group=DATA)
@dataclass(frozen=True)
class SourceOptions:
    """How a data set is read; see `mien.data.read_source`.

    Attributes:
        skip_bad: Skip rows that can't be read instead of stopping at the first.
        size: Side of the faces in pixels; faces of other sizes are resized.
        channels: 1 for gray, 3 for RGB.
        faces: whole if each image is a face; detect to detect and crop the largest face in each image.
        classes: Names of the classes in the order of their numbers (angry,disgust,... for 0,1,... or 1,2,...)
            or of other names, or new names by old ones (1=surprise,2=fear).
    """

    skip_bad: bool = False
    size: int = 48
    channels: int = 1
    faces: Faces = "whole"
    classes: str | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the options as arguments of `mien.data.read_source`."""
        return asdict(self)


DEFAULTS = SourceOptions()


def read_and_remark(
    source: str,
    options: SourceOptions = DEFAULTS,
    *,
    ferplus: Path | None = None,
    console: Console | None = None,
) -> "Reading":
    """Read a data set, and print what was left out or could not be cached.

    Args:
        source: The data set.
        options: How it is read.
        ferplus: File of the FER+ votes.
        console: Prints the remarks; standard error by default.

    Raises:
        DataError: As `mien.data.read_source`.
    """
    from mien.cli.image_progress import reading_bar
    from mien.data import read_source

    stderr = console or Console(stderr=True)
    with reading_bar(stderr):
        reading = read_source(source, ferplus=ferplus, **options.arguments())
    for remark in remarks(reading):
        stderr.print(f"mien: {with_options(remark)}", highlight=False, markup=False, soft_wrap=True)
    return reading
