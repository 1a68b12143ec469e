"""Metrics per group, and the gaps between groups, as frozen values that JSON can hold."""

from html import escape
from typing import TYPE_CHECKING

from mien.config.base import Fraction, Strict
from mien.data_frame import data_frame
from mien.evaluation.comparison import SIGNIFICANCE
from mien.optional import import_optional
from mien.percent import p_value, percent
from mien.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas
    from matplotlib.figure import Figure

COLUMNS = (
    "attribute", "group", "faces", "accuracy", "accuracy_low", "accuracy_high", "mean_recall", "macro_f1",
    "log_loss", "calibration_error", "mean_confidence", "small",
)  # fmt: skip


class GroupMetrics(Strict):
    """Metrics on the faces of one group."""

    name: str
    n: int
    accuracy: Fraction
    interval: tuple[Fraction, Fraction]
    """95 % interval of the accuracy (Wilson)."""
    mean_recall: Fraction
    """Mean recall over the classes that have faces in the group (balanced accuracy)."""
    macro_f1: Fraction
    log_loss: float | None = None
    """In nats; None if the system predicts classes without probabilities; so are the next two."""
    calibration_error: Fraction | None = None
    """Expected calibration error (ECE); biased upwards for few faces."""
    mean_confidence: Fraction | None = None
    recalls: dict[str, Fraction]
    """Recall of each class that has faces in the group."""
    supports: dict[str, int]
    """Number of faces of each class."""
    is_small: bool
    """Too few faces for a comparison: it is left out of all gaps."""


class Gap(Strict):
    """The largest difference of a metric between two groups, with a permutation test."""

    metric: str
    """"accuracy", "mean recall", "overconfidence" (confidence minus accuracy), or "recall of" a class."""
    highest: str
    """The group with the highest value."""
    lowest: str
    highest_value: float
    lowest_value: float
    interval: tuple[float, float]
    """95 % interval of the difference (normal approximation), not corrected for the choice of the groups."""
    groups: int
    """Number of groups that were compared."""
    p: float
    """p-value of a permutation test: how often groups drawn at random differ at least as clearly."""
    p_holm: float
    """The same, corrected for all gaps of the evaluation (Holm 1979); half of the level is for accuracy."""

    @property
    def difference(self) -> float:
        """The highest minus the lowest value."""
        return self.highest_value - self.lowest_value

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p-value is below 0.05."""
        return self.p_holm < SIGNIFICANCE


class Attribute(Strict):
    """A column of groups, such as "age", or a combination of two columns."""

    name: str
    groups: tuple[GroupMetrics, ...]
    """In the order of their names."""
    gaps: tuple[Gap, ...]
    """One of each metric; empty if fewer than two groups are large enough."""
    ungrouped: int
    """Number of faces without a group."""
    predicted: str = ""
    """Why the group labels seem to be predictions of a model; "" if nothing says so."""


class GroupEvaluation(Strict):
    """Metrics of one system per group of faces.

    `to_frame` returns a row of each group, `plot` draws accuracies with intervals.
    """

    system: str
    source: str
    split: str
    n: int
    """Number of faces."""
    attributes: tuple[Attribute, ...]
    warnings: tuple[str, ...]
    """What limits the conclusions, one sentence each."""

    @property
    def significant_gaps(self) -> tuple[tuple[str, Gap], ...]:
        """The gaps with a corrected p-value below 0.05, each with its attribute."""
        return tuple((one.name, gap) for one in self.attributes for gap in one.gaps if gap.is_significant)

    def rows(self) -> "Iterator[tuple[object, ...]]":
        """Yield each group in the order of `COLUMNS`."""
        for attribute in self.attributes:
            for row in attribute.groups:
                yield (
                    attribute.name, row.name, row.n, row.accuracy, *row.interval, row.mean_recall,
                    row.macro_f1, row.log_loss, row.calibration_error, row.mean_confidence, row.is_small,
                )  # fmt: skip

    def to_frame(self) -> "pandas.DataFrame":
        """Return a row of each group as a pandas DataFrame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return data_frame(self.rows(), COLUMNS)

    def plot(self) -> "Figure":
        """Return a figure of the accuracy of each group, with intervals.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        figure: Figure = import_optional("mien.evaluation.groups.plots", "report").plot_groups(self)
        return figure

    def __repr__(self) -> str:
        found = ", ".join(f"{name}: {describe_gap(gap)}" for name, gap in self.significant_gaps)
        names = ", ".join(one.name for one in self.attributes)
        return (
            f"<GroupEvaluation of {self.system!r} on {self.split!r} by {names}: {counted(self.n, 'face')}, "
            f"{found or 'no significant gap'}>"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return a table of the groups for notebooks."""
        title = escape(f"{self.system} on {self.split}, {counted(self.n, 'face')}")
        body = "".join(
            f"<tr><th>{escape(one.name)}</th><td>{escape(row.name)}</td><td>{row.n:,}</td>"
            f"<td>{percent(row.accuracy, 1)}</td><td>{percent(row.interval[0], 1)} to "
            f"{percent(row.interval[1], 1)}</td></tr>"
            for one in self.attributes
            for row in one.groups
        )
        head = "<tr><th></th><th>group</th><th>faces</th><th>accuracy</th><th>95 % interval</th></tr>"
        return f"<table><caption>{title}</caption>{head}{body}</table>"


def describe_gap(gap: Gap) -> str:
    """Return a gap in a few words."""
    low, high = (100 * bound for bound in gap.interval)
    return (
        f"{gap.metric} {100 * gap.highest_value:.1f} % for {gap.highest} and {100 * gap.lowest_value:.1f} % "
        f"for {gap.lowest}, {100 * gap.difference:.1f} points ({low:.1f} to {high:.1f}), "
        f"{p_value(gap.p_holm, 'p')}"
    )
