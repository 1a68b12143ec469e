"""Columns of a list of runs, and values of recipes, by name: for conditions, sorting and tables."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from mien.errors import MienError
from mien.registry import did_you_mean
from mien.run_list.summary import RunSummary
from mien.run_list.words import full_value
from mien.training.run_folder.changes import dotted_keys, value_at

COLUMNS: Final[dict[str, Callable[[RunSummary], Any]]] = {
    "name": lambda run: run.name,
    "state": lambda run: run.state,
    "recipe": lambda run: run.recipe,
    "changes": lambda run: " ".join(f"{key}={full_value(value)}" for key, value in run.changes.items()),
    "epoch": lambda run: run.epoch,
    "epochs": lambda run: run.epochs,
    "best_epoch": lambda run: run.best_epoch,
    "accuracy": lambda run: run.accuracy,
    "accuracy_low": lambda run: run.interval[0] if run.interval else None,
    "accuracy_high": lambda run: run.interval[1] if run.interval else None,
    "loss": lambda run: run.loss,
    "seconds": lambda run: run.seconds,
    "created": lambda run: run.created,
    "path": lambda run: str(run.path),
    "problem": lambda run: run.problem,
}
"""Value of each column, in the order of the CSV."""

NUMBERS: Final = frozenset(
    {"epoch", "epochs", "best_epoch", "accuracy", "accuracy_low", "accuracy_high", "loss", "seconds"}
)
"""Columns whose values are numbers."""

DESCENDING: Final = frozenset({"accuracy", "accuracy_low", "accuracy_high", "created"})
"""Columns whose largest value comes first: the most accurate, the newest."""


def value_of(run: RunSummary, name: str) -> Any:  # noqa: ANN401 - any value of a recipe
    """Return the value of a column, or of a dotted key of the recipe; None if the run has none."""
    column = COLUMNS.get(name)
    return column(run) if column else value_at(run.values, name)


def require_column(name: str, runs: Iterable[RunSummary]) -> None:
    """Check that a name is that of a column, or of a value of the recipe of any of the runs.

    Raises:
        MienError: It is neither.
    """
    runs = [run for run in runs if run.values]
    if name in COLUMNS or not runs or any(value_at(run.values, name) is not None for run in runs):
        return
    keys = sorted({key for run in runs for key in dotted_keys(run.values)})
    if name not in keys:
        known = [*COLUMNS, *keys]
        raise MienError(
            f"{name!r} is neither a column nor a key of these recipes{did_you_mean(name, known)}; expected "
            f"one of {', '.join(COLUMNS)}, or a key such as optimizer.lr"
        )
