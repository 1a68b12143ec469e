"""Corruption robustness on the terminal: the mean corruption accuracy, and a table of the accuracies."""

from rich.markup import escape

from mien.cli.tables import metrics_table
from mien.console import Console
from mien.evaluation.robustness.result import Robustness


def print_robustness(found: Robustness, console: Console) -> None:
    """Print the mean corruption accuracy and the accuracy of each corruption and strength."""
    low, high = (100 * bound for bound in found.interval)
    console.print(
        f"[bold]mean corruption accuracy {100 * found.mean_corruption_accuracy:.2f} %[/bold] (95 % interval "
        f"{low:.1f} to {high:.1f}), clean {100 * found.clean.accuracy:.2f} %, {found.faces}",
        highlight=False,
    )
    strengths = [str(row.strength) for row in found.corruptions[0].strengths]
    table = metrics_table(["accuracy by strength"], [*strengths, "mean", "mean ECE"])
    for corruption in found.corruptions:
        rows = corruption.strengths
        error = sum(row.calibration_error for row in rows) / len(rows)
        values = (*(row.accuracy for row in rows), corruption.mean_accuracy, error)
        table.add_row(escape(corruption.name), *(f"{100 * value:.1f}" for value in values))
    console.print(table)
    console.print()
