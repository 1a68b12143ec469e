"""The corruption robustness of a system, as one frozen value that JSON can hold."""

from html import escape
from typing import TYPE_CHECKING

from mien.config.base import Fraction, Strict
from mien.data_frame import data_frame
from mien.optional import import_optional
from mien.percent import percent
from mien.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas
    from matplotlib.figure import Figure

COLUMNS = (
    "corruption", "strength", "parameter", "value", "accuracy", "accuracy_low", "accuracy_high", "log_loss",
    "calibration_error", "mean_confidence",
)  # fmt: skip


class CorruptedScores(Strict):
    """Metrics on faces with one corruption at one strength; or on the clean faces."""

    strength: int
    """1 (weak) to 5 (strong); 0 for clean faces."""
    value: float | None
    """The parameter of the corruption; None for clean faces."""
    accuracy: Fraction
    interval: tuple[Fraction, Fraction]
    """95 % interval of the accuracy (Wilson)."""
    log_loss: float
    """In nats."""
    calibration_error: Fraction
    """Expected calibration error (ECE)."""
    mean_confidence: Fraction


class CorruptionScores(Strict):
    """Metrics under one corruption."""

    name: str
    parameter: str
    """What the values of its strengths are, with the unit."""
    strengths: tuple[CorruptedScores, ...]
    """From weak to strong."""

    @property
    def mean_accuracy(self) -> float:
        """Mean accuracy over the strengths."""
        return sum(row.accuracy for row in self.strengths) / len(self.strengths)


class Robustness(Strict):
    """Metrics of one system on the faces of one split, clean and corrupted.

    `to_frame` returns a row of each corruption and strength, `plot` draws them.
    """

    system: str
    source: str
    split: str
    n: int
    """Number of faces."""
    faces_of_split: int
    """Number of faces of the split, of which these are chosen evenly."""
    clean: CorruptedScores
    corruptions: tuple[CorruptionScores, ...]
    mean_corruption_accuracy: Fraction
    """Mean accuracy over all corruptions and strengths, each with the same weight."""
    interval: tuple[Fraction, Fraction]
    """Its 95 % interval over faces, each of which is in all corruptions (normal approximation)."""
    mean_log_loss: float
    mean_calibration_error: Fraction

    @property
    def faces(self) -> str:
        """The number of faces in words, with that of the split if these are a part of it."""
        if self.n == self.faces_of_split:
            return counted(self.n, "face")
        return f"{self.n:,} of {counted(self.faces_of_split, 'face')}, evenly chosen"

    def rows(self) -> "Iterator[tuple[object, ...]]":
        """Yield the clean faces and each corruption and strength, in the order of `COLUMNS`."""
        yield "clean", *_cells("", self.clean)
        for corruption in self.corruptions:
            for scores in corruption.strengths:
                yield corruption.name, *_cells(corruption.parameter, scores)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a row of the clean faces and of each corruption and strength as a pandas DataFrame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return data_frame(self.rows(), COLUMNS)

    def plot(self) -> "Figure":
        """Return a figure with one panel for each corruption: accuracy and confidence over strength.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        figure: Figure = import_optional("mien.evaluation.robustness.plots", "report").plot_robustness(self)
        return figure

    def __repr__(self) -> str:
        low, high = self.interval
        return (
            f"<Robustness of {self.system!r} on {self.split!r}: {self.faces}, accuracy "
            f"{self.clean.accuracy:.4f} clean, mean corruption accuracy {self.mean_corruption_accuracy:.4f} "
            f"({low:.4f} to {high:.4f})>"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return a table of the accuracies for notebooks."""
        title = escape(
            f"{self.system} on {self.split}, {self.faces}: mean corruption accuracy "
            f"{percent(self.mean_corruption_accuracy, 1)}, clean {percent(self.clean.accuracy, 1)}"
        )
        strengths = range(1, 1 + max((len(one.strengths) for one in self.corruptions), default=0))
        head = "".join(f"<th>{number}</th>" for number in strengths)
        body = "".join(
            f"<tr><th>{escape(one.name)}</th>"
            + "".join(f"<td>{percent(row.accuracy, 1)}</td>" for row in one.strengths)
            + "</tr>"
            for one in self.corruptions
        )
        return f"<table><caption>{title}</caption><tr><th>strength</th>{head}</tr>{body}</table>"


def _cells(parameter: str, scores: CorruptedScores) -> tuple[object, ...]:
    return (
        scores.strength, parameter, scores.value, scores.accuracy, *scores.interval, scores.log_loss,
        scores.calibration_error, scores.mean_confidence,
    )  # fmt: skip
