"""The accuracy of a system under distribution shift, as one frozen value that JSON can hold."""

from html import escape
from typing import TYPE_CHECKING

from mien.bundles.shifts import ShiftScores, describe_shifts
from mien.config.base import Fraction, Strict
from mien.data_frame import data_frame
from mien.percent import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas

COLUMNS = ("part", "condition", "n", "accuracy", "accuracy_low", "accuracy_high")


class ShiftRow(Strict):
    """The accuracy under one condition."""

    part: str
    """As in `ShiftPart.name`."""
    condition: str
    """Such as "24 pixels", "tilt 15 degrees", or the name of a corruption."""
    n: int
    """Number of classified images."""
    accuracy: Fraction
    interval: tuple[Fraction, Fraction]
    """95 % interval of the accuracy (Wilson)."""


class ShiftEvaluation(Strict):
    """The accuracy of one system on shifted faces of one split.

    `to_frame` returns a row of each condition.
    """

    system: str
    source: str
    scores: ShiftScores
    """What the metadata of a bundle hold."""
    rows: tuple[ShiftRow, ...]

    def cells(self) -> "Iterator[tuple[object, ...]]":
        """Yield the rows, in the order of `COLUMNS`."""
        for row in self.rows:
            yield row.part, row.condition, row.n, row.accuracy, *row.interval

    def to_frame(self) -> "pandas.DataFrame":
        """Return a row of each condition as a pandas DataFrame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return data_frame(self.cells(), COLUMNS)

    def __repr__(self) -> str:
        return f"<ShiftEvaluation of {self.system!r}: {describe_shifts(self.scores)}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return a table of the accuracies for notebooks."""
        body = "".join(
            f"<tr><td>{escape(row.part)}</td><td>{escape(row.condition)}</td><td>{row.n:,}</td>"
            f"<td>{percent(row.accuracy, 1)}</td></tr>"
            for row in self.rows
        )
        return (
            f"<table><caption>{escape(self.system)}: {escape(describe_shifts(self.scores))}</caption>"
            f"<tr><th>part</th><th>condition</th><th>images</th><th>accuracy</th></tr>{body}</table>"
        )
