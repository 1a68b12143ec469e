"""Reading a data set for a command: remarks on it are printed to standard error."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mien.api.data import remarks
from mien.cli.app import with_options
from mien.console import Console

if TYPE_CHECKING:
    from mien.data import Reading

Faces = Literal["whole", "detect"]
"""How the faces of images are found: each image is one, or they are detected."""


def read_and_remark(
    source: str,
    ferplus: Path | None = None,
    *,
    skip_bad: bool = False,
    console: Console | None = None,
    size: int = 48,
    channels: int = 1,
    faces: str = "whole",
    classes: str | None = None,
) -> "Reading":
    """Read `source`, and print what was left out or could not be cached.

    Raises:
        DataError: As `mien.data.read_source`.
    """
    from mien.cli.image_progress import reading_bar
    from mien.data import read_source

    stderr = console or Console(stderr=True)
    with reading_bar(stderr):
        reading = read_source(
            source, ferplus=ferplus, size=size, channels=channels, faces=faces, classes=classes,
            skip_bad=skip_bad,
        )  # fmt: skip
    for remark in remarks(reading):
        stderr.print(f"mien: {with_options(remark)}", highlight=False, markup=False, soft_wrap=True)
    return reading
