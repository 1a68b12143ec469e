"""Metrics per group on the terminal: a table of the groups, the significant gaps, and warnings."""

from rich.markup import escape

from mien.cli.tables import metrics_table
from mien.console import Console
from mien.evaluation.groups.result import GroupEvaluation, describe_gap


def print_groups(found: GroupEvaluation, console: Console) -> None:
    """Print the groups of each attribute, and the gaps with a corrected p-value below 0.05."""
    table = metrics_table(["groups", ""], ["faces", "accuracy", "95 % interval", "mean recall", "ECE"])
    for attribute in found.attributes:
        for position, row in enumerate(attribute.groups):
            low, high = (100 * bound for bound in row.interval)
            table.add_row(
                "" if position else escape(attribute.name), escape(row.name), f"{row.n:,}",
                f"{100 * row.accuracy:.1f}", f"{low:.1f} to {high:.1f}", f"{100 * row.mean_recall:.1f}",
                "" if row.calibration_error is None else f"{100 * row.calibration_error:.1f}",
            )  # fmt: skip
    console.print(table)
    _print_gaps(found, console)
    for warning in found.warnings:
        console.print(f"[dim]· {escape(warning)}[/dim]", highlight=False)
    console.print()


def _print_gaps(found: GroupEvaluation, console: Console) -> None:
    tested = sum(len(one.gaps) for one in found.attributes)
    if not tested:
        console.print("no gap was tested")
        return
    if not found.significant_gaps:
        console.print(f"no significant gap among {tested} tested (permutation tests, Holm-corrected)")
        return
    console.print(f"significant gaps among {tested} tested (permutation tests, Holm-corrected)")
    for name, gap in found.significant_gaps:
        console.print(escape(f"  {name}: {describe_gap(gap)}"), highlight=False)
