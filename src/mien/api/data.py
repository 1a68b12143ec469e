"""Remarks on how a data set was read."""

from typing import TYPE_CHECKING, Final

from mien.text import counted

if TYPE_CHECKING:
    from mien.data import Reading

SHOWN_ROWS: Final = 3


def remarks(reading: "Reading") -> list[str]:
    """Return what a user should know of a reading, one line each: notes, missing classes, rows left out."""
    from mien.data.remarks import class_remarks

    notes = [*reading.notes, *class_remarks(reading.faces)]
    if not reading.skipped:
        return notes
    count = len(reading.skipped)
    first = "; ".join(f"{row.where}: {row.problem}" for row in reading.skipped[:SHOWN_ROWS])
    rest = f"; and {count - SHOWN_ROWS} more" if count > SHOWN_ROWS else ""
    return [*notes, f"{counted(count, 'bad row')} left out: {first}{rest}"]
