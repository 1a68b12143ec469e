"""Tables of `mien runs` and `mien runs compare`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.table import Table

from mien.cli.tables import new_table, print_table, result_console
from mien.console import Console
from mien.run_list.comparison import ComparedRun, RunComparison
from mien.run_list.run_list import RunList
from mien.run_list.words import accuracy_text, changes_text, duration, epochs_text, local_time, short_value

MOST_EPOCHS: Final = 20
"""Rows of the table of epochs; of longer trainings it shows epochs at even distances."""

_NARROW: Final = {"created": 125, "best": 110, "time": 95}
"""Columns of a terminal below which a column of the list is left out."""

_BARS: Final = "▁▂▃▄▅▆▇█"


def print_runs(found: RunList, keys: Sequence[str], folder: Path, *, total: int) -> None:
    """Print a list of runs, with the values of keys of their recipes, and what is damaged below it.

    If the list is empty, the number of all runs in the folder tells why.
    """
    console = result_console()
    if not len(found):
        console.print(
            f"none of the runs in {folder} is selected ({total:,})" if total else f"no runs in {folder}"
        )
        return
    shown = {
        name: cells for name, cells in _columns(found, keys).items() if console.width >= _NARROW.get(name, 0)
    }
    table = new_table(console)
    for name in shown:
        is_number = name in ("epochs", "best", "accuracy", "time")
        is_text = name in ("run", "recipe", "changed", *keys)
        table.add_column(name, justify="right" if is_number else "left", no_wrap=not is_text, overflow="fold")
    for cells in zip(*shown.values(), strict=True):
        table.add_row(*cells)
    print_table(table, console)
    for run in found:
        if run.problem:
            console.print(f"{run.name}: {run.problem}", soft_wrap=True)


def _columns(found: RunList, keys: Sequence[str]) -> dict[str, list[str]]:
    """Return the texts of each column."""
    rows = found.rows(keys)
    return {
        "run": [run.name for run in found],
        "recipe": [run.recipe for run in found],
        "changed": [changes_text(run) for run in found],
        **{key: [short_value(row[key]) for row in rows] for key in keys},
        "epochs": [epochs_text(run) for run in found],
        "best": [str(run.best_epoch or "") for run in found],
        "accuracy": [accuracy_text(run) for run in found],
        "time": [duration(run.seconds) for run in found],
        "created": [local_time(run.created) for run in found],
        "state": [run.state for run in found],
    }


def print_comparison(comparison: RunComparison, output: Sequence[Path]) -> None:
    """Print results, differing values, curves and notes of a comparison, and the files that were written."""
    console = result_console()
    names = comparison.names
    table = new_table(console, "", *names)
    summaries = [run.summary for run in comparison.runs]
    for what, cells in (
        ("recipe", [one.recipe for one in summaries]),
        ("state", [one.state for one in summaries]),
        ("epochs", [epochs_text(one) for one in summaries]),
        ("best epoch", [str(one.best_epoch or "") for one in summaries]),
        ("accuracy, 95 % interval", [accuracy_text(one) for one in summaries]),
        ("validation loss", ["" if one.loss is None else f"{one.loss:.4f}" for one in summaries]),
        ("time", [duration(one.seconds) for one in summaries]),
        ("accuracy by epoch", [_sparkline(run, comparison) for run in comparison.runs]),
    ):
        table.add_row(what, *cells)
    for key, row in comparison.differing.items():
        table.add_row(key, *map(short_value, row))
    print_table(table, console)
    print_table(_epochs(comparison, console), console)
    for note in comparison.notes:
        console.print(f"· {note}", soft_wrap=True)
    for path in output:
        console.print(f"written: {path}", soft_wrap=True)


def _epochs(comparison: RunComparison, console: Console) -> Table:
    """Return a table of validation accuracy in percent and validation loss by epoch."""
    table = new_table(console, "epoch", *comparison.names)
    longest = max(len(run.history) for run in comparison.runs)
    for at in _evenly_spaced(longest):
        rows = [run.history[at] if at < len(run.history) else None for run in comparison.runs]
        cells = [
            f"{100 * row.validation_accuracy:.2f}  {row.validation_loss:.4f}" if row else "" for row in rows
        ]
        table.add_row(str(at + 1), *cells)
    return table


def _evenly_spaced(count: int) -> list[int]:
    """Return up to `MOST_EPOCHS` positions, with the first and the last."""
    if count <= MOST_EPOCHS:
        return list(range(count))
    return sorted({round(step * (count - 1) / (MOST_EPOCHS - 1)) for step in range(MOST_EPOCHS)})


def _sparkline(run: ComparedRun, comparison: RunComparison) -> str:
    """Return validation accuracy by epoch as bars, from the lowest to the highest of all runs."""
    if not run.history or not (sys.stdout.encoding or "").lower().startswith("utf"):
        return ""
    every = [row.validation_accuracy for one in comparison.runs for row in one.history]
    low, span = min(every), max(max(every) - min(every), 1e-9)
    shown = [run.history[at].validation_accuracy for at in _evenly_spaced(len(run.history))]
    return "".join(_BARS[int((value - low) / span * (len(_BARS) - 1) + 0.5)] for value in shown)
