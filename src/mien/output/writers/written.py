"""What already stands in a file of results: the half of each format that reads.

`mien.output.writers.resume` lists by it what need not be done again; a writer finds where to continue.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from mien.errors import MienError


class Written(NamedTuple):
    """A whole result in a file."""

    source: str
    frame: int | None
    classes: tuple[str, ...] | None
    """Of its faces; None where it has none and the format tells them with the faces."""
    end: int
    """Byte, or row, after it."""


def end_of(results: Iterable[Written], classes: tuple[str, ...], path: Path) -> int:
    """Return where the last whole result ends, 0 without any.

    Raises:
        MienError: The file is about other classes.
    """
    end = 0
    for result in results:
        if result.classes not in (None, classes):
            raise MienError(
                f"{path}: has the classes {', '.join(result.classes or ())}, and the bundle has "
                f"{', '.join(classes)}; choose another file, or the bundle that it was made with"
            )
        end = result.end
    return end


def foreign(path: Path, kind: str, line: int | None = None) -> MienError:
    """Return the error for a file to be resumed that isn't one of mien's."""
    where = "" if line is None else f", line {line}"
    return MienError(
        f"{path}{where}: not what mien writes as {kind}, so it can't go on there; choose another file"
    )
