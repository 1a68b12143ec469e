"""A list of runs: filtered, sorted, as a data frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

from mien.arguments import FLAG, INTEGER, TEXT, require, within
from mien.data_frame import data_frame
from mien.errors import MienError
from mien.run_list.columns import COLUMNS, DESCENDING, require_column, value_of
from mien.run_list.conditions import parse_condition
from mien.run_list.summary import RunSummary
from mien.run_list.words import accuracy_text, epochs_text
from mien.text import counted

if TYPE_CHECKING:
    from pandas import DataFrame


_SHOWN: Final = 20
"""Runs in the text of a list."""


@dataclass(frozen=True, repr=False)
class RunList(Sequence[RunSummary]):
    """Summaries of runs, in an order; each method returns a new list.

    Attributes:
        runs: The summaries.
    """

    runs: tuple[RunSummary, ...] = ()

    def __post_init__(self) -> None:
        if not (isinstance(self.runs, tuple) and all(isinstance(run, RunSummary) for run in self.runs)):
            raise MienError("RunList: runs must be a tuple of summaries; use mien.runs(folder)")

    def __repr__(self) -> str:
        lines = (
            f"{run.name}: {run.recipe}, epochs {epochs_text(run)}, {accuracy_text(run)}, {run.state}"
            for run in self.runs[:_SHOWN]
        )
        more = f"\n... {len(self) - _SHOWN:,} more" if len(self) > _SHOWN else ""
        return f"RunList of {counted(len(self), 'run')}\n" + "\n".join(lines) + more

    @overload
    def __getitem__(self, at: int) -> RunSummary: ...
    @overload
    def __getitem__(self, at: slice) -> "RunList": ...
    def __getitem__(self, at: int | slice) -> "RunSummary | RunList":
        return RunList(self.runs[at]) if isinstance(at, slice) else self.runs[at]

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self.runs)

    def where(self, *conditions: str) -> "RunList":
        """Return the runs that meet all conditions.

        Args:
            conditions: Such as "recipe=fast*", "state!=damaged", "accuracy>=65%" or "optimizer.lr<0.1": a
                column or a dotted key of the recipe, one of =, !=, <, <=, >, >=, and a value.

        Raises:
            MienError: One is no condition, or names neither a column nor a key of these recipes.
        """
        parsed = [parse_condition(text) for text in conditions]
        for condition in parsed:
            require_column(condition.name, self.runs)
        return RunList(tuple(run for run in self.runs if all(one.holds(run) for one in parsed)))

    def sort(self, key: str, *, reverse: bool = False) -> "RunList":
        """Return the runs in another order; those without a value come last.

        Args:
            key: A column or a dotted key of the recipe. The largest accuracy and the newest run come first,
                otherwise the smallest value.
            reverse: The other way around.

        Raises:
            MienError: It is neither.
        """
        require("key", key, TEXT)
        require("reverse", reverse, FLAG)
        require_column(key, self.runs)
        known = [run for run in self.runs if value_of(run, key) not in (None, "")]
        unknown = [run for run in self.runs if value_of(run, key) in (None, "")]
        known.sort(
            key=lambda run: _sortable(value_of(run, key)), reverse=(key in DESCENDING) is not bool(reverse)
        )
        return RunList((*known, *unknown))

    def head(self, count: int = 10) -> "RunList":
        """Return the first runs."""
        require("count", count, within(INTEGER, 0, 1 << 31))
        return RunList(self.runs[:count])

    def rows(self, keys: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Return a row for each run: the columns of the CSV, and the values of keys of the recipe."""
        for key in keys:
            require_column(key, self.runs)
        return [{name: value_of(run, name) for name in (*COLUMNS, *keys)} for run in self.runs]

    def to_frame(self) -> "DataFrame":
        """Return the rows as a pandas data frame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return data_frame((list(row.values()) for row in self.rows()), list(COLUMNS))


def _sortable(value: object) -> tuple[int, float, str]:
    """Numbers before texts; other values by their text."""
    if isinstance(value, bool | int | float):
        return 0, float(value), ""
    return 1, 0.0, str(value)
