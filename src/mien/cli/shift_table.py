"""Accuracy under distribution shift on the terminal."""

from rich.text import Text

from mien.bundles.shifts import describe_shifts
from mien.cli.tables import metrics_table
from mien.console import Console
from mien.evaluation.shifts.result import ShiftEvaluation


def print_shifts(found: ShiftEvaluation, console: Console) -> None:
    """Print the accuracy under shift, and a row of each condition."""
    console.print(Text(describe_shifts(found.scores), style="bold"))
    table = metrics_table(["part", "condition"], ["images", "accuracy", "95 % interval"])
    for row in found.rows:
        low, high = (f"{100 * bound:.1f}" for bound in row.interval)
        shown = f"{100 * row.accuracy:.1f}", f"{low} to {high}"
        table.add_row(Text(row.part), Text(row.condition), f"{row.n:,}", *shown)
    console.print(table)
    console.print()
