"""Reading a source on behalf of a command: what there is to remark about it goes to stderr."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from mien.data import Reading

SHOWN_ROWS = 3


def read_and_remark(
    source: str,
    ferplus: Path | None = None,
    *,
    skip_bad: bool = False,
    console: Console | None = None,
    size: int = 48,
    channels: int = 1,
) -> "Reading":
    """Read `source`, and say on standard error what was left out or could not be cached.

    Raises:
        DataError: As `mien.data.read_source`.
    """
    from mien.data import read_source

    reading = read_source(source, ferplus=ferplus, size=size, channels=channels, skip_bad=skip_bad)
    stderr = console or Console(stderr=True)
    for remark in remarks(reading):
        stderr.print(f"mien: {remark}", highlight=False, markup=False, soft_wrap=True)
    return reading


def remarks(reading: "Reading") -> list[str]:
    """Return what a user should know of a reading, one line each: its notes, and rows left out."""
    if not reading.skipped:
        return list(reading.notes)
    count = len(reading.skipped)
    first = "; ".join(f"{row.where}: {row.problem}" for row in reading.skipped[:SHOWN_ROWS])
    rest = f"; and {count - SHOWN_ROWS} more, listed by mien data info" if count > SHOWN_ROWS else ""
    return [*reading.notes, f"{count:,} bad {'row' if count == 1 else 'rows'} left out: {first}{rest}"]
