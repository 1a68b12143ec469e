"""`mien runs`: list runs as a table, and compare some of them."""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from mien.cli.option_groups import OUTPUT
from mien.cli.printing import print_json
from mien.cli.streams import require_output
from mien.errors import MienError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mien.run_list.comparison import RunComparison
    from mien.run_list.run_list import RunList

app = App(name="runs")


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
        limit: List this many runs at most.
        column: Add the values of a key of the recipe, such as --column optimizer.lr; repeatable.
        as_csv: Print all columns as CSV.
        as_json: Print them as JSON.
    """
    from mien.api.runs import runs
    from mien.cli.run_tables import print_runs

    require_output()
    if as_csv and as_json:
        raise MienError("--csv and --json: give one of them")
    if limit is not None and limit < 0:
        raise MienError(f"--limit {limit}: expected 0 or more")
    everything = runs(folder)
    found = everything.where(*where).sort(sort, reverse=reverse)
    found = found if limit is None else found.head(limit)
    if as_json:
        print_json([{**run.to_dict(), **_values(found, at, column)} for at, run in enumerate(found)])
    elif as_csv:
        _print_csv(found, column)
    else:
        print_runs(found, column, folder, total=len(everything))


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
    from mien.cli.run_tables import print_comparison
    from mien.files.targets import require_file

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
        print_comparison(comparison, output)


def _require_writable(paths: "Sequence[Path]") -> None:
    """Check the files to write before any work."""
    from mien.files.identify import RUN_COMPARISON, require_own
    from mien.files.targets import require_file
    from mien.run_list.comparison import WRITERS

    for path in paths:
        if path.suffix.lower() not in WRITERS:
            raise MienError(f"{path}: a comparison is written as .html or .png; choose one of these endings")
        require_file(path)
        if path.suffix.lower() == ".html":
            require_own(path, RUN_COMPARISON, "choose another file")


def _values(found: "RunList", at: int, keys: "Sequence[str]") -> dict[str, object]:
    row = found[at : at + 1].rows(keys)[0]
    return {key: row[key] for key in keys}


def _print_csv(found: "RunList", keys: "Sequence[str]") -> None:
    from mien.run_list.columns import COLUMNS

    names = list(dict.fromkeys([*COLUMNS, *keys]))
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found.rows(keys))


def _print_histories(comparison: "RunComparison") -> None:
    from dataclasses import asdict, fields

    from mien.training.run_folder.state import Epoch

    writer = csv.DictWriter(sys.stdout, ["run", *(one.name for one in fields(Epoch))], lineterminator="\n")
    writer.writeheader()
    for run in comparison.runs:
        writer.writerows({"run": run.name, **asdict(row)} for row in run.history)
