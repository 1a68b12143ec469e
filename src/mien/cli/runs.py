"""`mien runs`: list runs as a table, and compare some of them."""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from mien.cli.option_groups import OUTPUT
from mien.cli.printing import print_json, print_result
from mien.cli.streams import require_output
from mien.errors import MienError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from mien.console import Console
    from mien.run_list.comparison import ComparedRun, RunComparison
    from mien.run_list.run_list import RunList

app = App(name="runs")

WIDE: Final = 1000
"""Columns of an output that is not a terminal: nothing is wrapped there."""

MOST_EPOCHS: Final = 20
"""Rows of the table of epochs; of longer trainings it shows epochs at even distances."""

_BARS: Final = "▁▂▃▄▅▆▇█"


@app.default
def list_(
    folder: Path = Path("runs"),
    /,
    *,
    where: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    sort: str = "created",
    reverse: bool = False,
    limit: int | None = None,
    column: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    as_csv: Annotated[bool, Parameter(name="--csv", group=OUTPUT)] = False,
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
) -> None:
    """List the runs in a folder and below it: recipe, changed values, epochs, accuracy, time and state.

    Accuracy is that of the best epoch on the validation split, with its 95 % interval. A run is running,
    interrupted (mien train --resume continues it), finished or damaged. Compare runs with mien runs compare.

    Args:
        folder: Where to search.
        where: List only runs that meet a condition, such as --where state=finished, --where 'accuracy>=65%',
            --where 'recipe=fast*' or --where 'optimizer.lr<0.1': a column of the CSV or a key of the recipe,
            one of =, !=, <, <=, >, >=, and a value; repeatable.
        sort: A column of the CSV or a key of the recipe. Highest accuracy and newest run come first, and
            otherwise the smallest value.
        reverse: Sort the other way around.
        limit: List so many runs at most.
        column: Add the values of a key of the recipe, such as --column optimizer.lr; repeatable.
        as_csv: Print all columns as CSV.
        as_json: Print them as JSON.
    """
    from mien.api.runs import runs

    require_output()
    if as_csv and as_json:
        raise MienError("--csv and --json: give one of them")
    found = runs(folder).where(*where).sort(sort, reverse=reverse)
    found = found if limit is None else found.head(limit)
    if as_json:
        print_json([{**run.to_dict(), **_values(found, at, column)} for at, run in enumerate(found)])
    elif as_csv:
        _print_csv(found, column)
    else:
        _print_list(found, column, folder)


@app.command
def compare(
    *runs: Path,
    output: Annotated[tuple[Path, ...], Parameter(name=("--output", "-o"), negative=(), group=OUTPUT)] = (),
    as_csv: Annotated[bool, Parameter(name="--csv", group=OUTPUT)] = False,
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
) -> None:
    """Put runs side by side: the values of their recipes that differ, their results and their curves.

    Args:
        runs: Two run folders or more.
        output: Write an HTML page with curves and tables (.html), or the curves (.png); repeatable.
        as_csv: Print the history of all runs as CSV instead, a line for each epoch.
        as_json: Print the comparison as JSON instead.
    """
    from mien.api.runs import compare_runs
    from mien.targets import require_file

    require_output()
    if as_csv and as_json:
        raise MienError("--csv and --json: give one of them")
    _require_writable(output)
    comparison = compare_runs(*runs)
    for path in output:
        require_file(path)
        comparison.write(path)
    if as_json:
        print_json(comparison.to_dict())
    elif as_csv:
        _print_histories(comparison)
    else:
        _print_comparison(comparison, output)


def _require_writable(paths: "Sequence[Path]") -> None:
    """Check the files to write before any work."""
    from mien.identify import RUN_COMPARISON, identify
    from mien.run_list.comparison import WRITERS
    from mien.targets import require_file, require_replaceable

    for path in paths:
        if path.suffix.lower() not in WRITERS:
            raise MienError(f"{path}: a comparison is written as .html or .png; choose one of these endings")
        require_file(path)
        if path.suffix.lower() == ".html":
            require_replaceable(
                path,
                lambda page: identify(page) is RUN_COMPARISON,
                RUN_COMPARISON.what,
                "choose another file",
            )


def _values(found: "RunList", at: int, keys: "Sequence[str]") -> dict[str, object]:
    row = found[at : at + 1].rows(keys)[0]
    return {key: row[key] for key in keys}


def _print_csv(found: "RunList", keys: "Sequence[str]") -> None:
    from mien.run_list.columns import COLUMNS

    names = list(dict.fromkeys([*COLUMNS, *keys]))
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found.rows(keys))


def _print_list(found: "RunList", keys: "Sequence[str]", folder: Path) -> None:
    from mien.run_list.words import (
        accuracy_text,
        changes_text,
        duration,
        epochs_text,
        local_time,
        short_value,
    )

    console = _console()
    if not len(found):
        console.print(f"no runs in {folder}")
        return
    table = _table(console, "run", "recipe", "changed", *keys)
    for name in ("epochs", "best", "accuracy, 95 % interval", "time"):
        table.add_column(name, justify="right")
    table.add_column("created")
    table.add_column("state")
    for run, row in zip(found, found.rows(keys), strict=True):
        state = f"{run.state}: {run.problem}" if run.problem else run.state
        table.add_row(
            run.name, run.recipe, changes_text(run), *(short_value(row[key]) for key in keys),
            epochs_text(run), str(run.best_epoch or ""), accuracy_text(run), duration(run.seconds),
            local_time(run.created), state,
        )  # fmt: skip
    _print(table, console)


def _print_comparison(comparison: "RunComparison", output: "Sequence[Path]") -> None:
    from mien.run_list.words import accuracy_text, duration, epochs_text, short_value

    console = _console()
    names = comparison.names
    table = _table(console, "", *names)
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
    _print(table, console)
    _print(_epochs(comparison, console), console)
    for note in comparison.notes:
        console.print(f"· {note}", soft_wrap=True)
    for path in output:
        console.print(f"written: {path}", soft_wrap=True)


def _epochs(comparison: "RunComparison", console: "Console") -> "Table":
    """Return a table of validation accuracy in percent and validation loss by epoch."""
    table = _table(console, "epoch", *comparison.names)
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


def _sparkline(run: "ComparedRun", comparison: "RunComparison") -> str:
    """Return validation accuracy by epoch as bars, from the lowest to the highest of all runs."""
    if not run.history or not (sys.stdout.encoding or "").lower().startswith("utf"):
        return ""
    every = [row.validation_accuracy for one in comparison.runs for row in one.history]
    low, span = min(every), max(max(every) - min(every), 1e-9)
    shown = [run.history[at].validation_accuracy for at in _evenly_spaced(len(run.history))]
    return "".join(_BARS[int((value - low) / span * (len(_BARS) - 1) + 0.5)] for value in shown)


def _print_histories(comparison: "RunComparison") -> None:
    from dataclasses import asdict, fields

    from mien.training.state import Epoch

    writer = csv.DictWriter(sys.stdout, ["run", *(one.name for one in fields(Epoch))], lineterminator="\n")
    writer.writeheader()
    for run in comparison.runs:
        writer.writerows({"run": run.name, **asdict(row)} for row in run.history)


def _table(console: "Console", *headings: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _print(table: "Table", console: "Console") -> None:
    """Print a table; in a file or a pipe its lines have no spaces at their ends."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    print_result("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _console() -> "Console":
    from mien.console import Console

    console = Console(highlight=False, markup=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, width=WIDE)
