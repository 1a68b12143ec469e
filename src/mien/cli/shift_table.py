"""Accuracy under distribution shift on the terminal."""

from rich.table import Table
from rich.text import Text

from mien.bundles.shifts import describe_shifts
from mien.console import Console
from mien.evaluation.shifts.result import ShiftEvaluation


def print_shifts(found: ShiftEvaluation, console: Console) -> None:
    """Print the accuracy under shift, and a row of each condition."""
    console.print(Text(describe_shifts(found.scores), style="bold"))
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("part", "condition"):
        table.add_column(heading)
    for heading in ("images", "accuracy", "95 % interval"):
        table.add_column(heading, justify="right")
    for row in found.rows:
        low, high = (f"{100 * bound:.1f}" for bound in row.interval)
        shown = f"{100 * row.accuracy:.1f}", f"{low} to {high}"
        table.add_row(Text(row.part), Text(row.condition), f"{row.n:,}", *shown)
    console.print(table)
    console.print()
