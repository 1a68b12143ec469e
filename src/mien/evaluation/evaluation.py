"""Evaluation: every metric of one set of predictions, as one frozen value that JSON can hold."""

from html import escape
from typing import TYPE_CHECKING

from mien.config.base import Fraction, Strict
from mien.data_frame import data_frame
from mien.errors import PredictionsError
from mien.optional import import_optional
from mien.percent import percent
from mien.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas
    from matplotlib.axes import Axes

COLUMNS = ("class", "support", "predicted", "precision", "recall", "f1")


class AccuracyEstimate(Strict):
    """An accuracy, the number of faces, and the 95 % interval (Wilson)."""

    n: int
    accuracy: Fraction
    interval: tuple[Fraction, Fraction]


class ClassMetrics(Strict):
    """Metrics of one class; a ratio whose denominator is 0 is 0."""

    name: str
    support: int
    """Faces of this class."""
    predicted: int
    """Faces predicted as this class."""
    precision: Fraction
    recall: Fraction
    f1: Fraction


class Confusion(Strict):
    """A confused pair of classes: `share` of the faces of `label` are predicted as `predicted`."""

    label: str
    predicted: str
    count: int
    share: Fraction


class ConfidentError(Strict):
    """One misclassified face."""

    id: str
    index: int
    """Of the face in the predictions."""
    label: str
    predicted: str
    confidence: Fraction
    """Probability of the predicted class."""
    label_probability: Fraction
    """Probability of the true class."""


class ReliabilityBin(Strict):
    """Mean confidence and accuracy of the faces whose confidence is in (lower, upper]."""

    lower: Fraction
    upper: Fraction
    count: int
    confidence: Fraction
    accuracy: Fraction
    interval: tuple[Fraction, Fraction] = (0.0, 1.0)
    """95 % interval of the accuracy (Wilson); 0 to 1 for an empty bin."""


class SelectivePoint(Strict):
    """Coverage and accuracy if only predictions of some confidence are accepted."""

    threshold: Fraction
    """Predictions of at least this confidence are accepted."""
    coverage: Fraction
    """Share of the faces whose prediction is accepted."""
    accuracy: Fraction
    """Accuracy on these (selective accuracy); 0 if there are none."""
    interval: tuple[Fraction, Fraction]
    """Its 95 % interval (Wilson)."""


class Evaluation(Strict):
    """Metrics of one system on the faces of one split.

    A notebook shows the main metrics; `to_frame` returns those of each class, `plot_confusion` and
    `plot_reliability` draw.
    """

    system: str
    source: str
    split: str
    classes: tuple[str, ...]
    overall: AccuracyEstimate
    balanced_accuracy: Fraction
    macro_f1: Fraction
    weighted_f1: Fraction
    top_2_accuracy: Fraction | None = None
    """None if the system predicts classes without probabilities; so are the next three."""
    log_loss: float | None = None
    calibration_error: Fraction | None = None
    """Expected calibration error over the bins of `reliability`."""
    mean_confidence: Fraction | None = None
    per_class: tuple[ClassMetrics, ...]
    confusion_matrix: tuple[tuple[int, ...], ...]
    """A row for each true class, a column for each predicted class."""
    confusions: tuple[Confusion, ...]
    """The most frequent pairs of confused classes, in descending order."""
    confident_errors: tuple[ConfidentError, ...]
    """The misclassified faces of highest confidence, in descending order; none without probabilities."""
    reliability: tuple[ReliabilityBin, ...] = ()
    """Equal-width bins of confidence; empty bins have count 0. None without probabilities."""
    excluding_duplicates: AccuracyEstimate | None
    """Without faces that are pixel-identical to a training face; None if unknown, or if none remain."""
    in_training: AccuracyEstimate | None
    """On those faces alone; None if unknown, or if there are none."""
    from_training_data: bool
    """The faces are from the data set the system was trained on; False if not, or if unknown."""
    leakage_warnings: tuple[str, ...]
    """Reasons why these scores may be too high, one sentence each."""
    excluding_doubtful: AccuracyEstimate | None = None
    """Without faces whose labels an audit doubts; None without an audit, or if none remain."""
    doubtful: AccuracyEstimate | None = None
    """On those faces alone; None without an audit, or if there are none."""
    selective: tuple[SelectivePoint, ...] = ()
    """Selective accuracy from low to high coverage, at most 50 points."""
    threshold: SelectivePoint | None = None
    """At the confidence threshold of the system; None if it has none."""
    unfinished: str = ""
    """A sentence if the training of the system was not finished; or ""."""

    def require_probabilities(self, purpose: str) -> None:
        """Check that the system predicts probabilities, which `purpose` needs.

        Raises:
            PredictionsError: It predicts classes only.
        """
        if self.log_loss is None:
            raise PredictionsError(
                f"{self.system}: predicted classes without probabilities, which {purpose} needs"
            )

    @property
    def n(self) -> int:
        """Number of faces."""
        return self.overall.n

    @property
    def accuracy(self) -> float:
        """Share of faces whose predicted class is the true class, 0 to 1."""
        return self.overall.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy (Wilson)."""
        return self.overall.interval

    def to_frame(self) -> "pandas.DataFrame":
        """Return the metrics of each class as a pandas DataFrame, indexed by class name.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return data_frame(self.class_rows(), COLUMNS).set_index("class")

    def class_rows(self) -> "Iterator[tuple[str, int, int, float, float, float]]":
        """Yield the metrics of each class in the order of `COLUMNS`."""
        for row in self.per_class:
            yield row.name, row.support, row.predicted, row.precision, row.recall, row.f1

    def plot_confusion(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the confusion matrix into `ax`, or into a new figure, and return the axes.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        axes: Axes = import_optional("mien.evaluation.plots", "report").plot_confusion(self, ax)
        return axes

    def plot_reliability(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the reliability diagram into `ax`, or into a new figure, and return the axes.

        Raises:
            PredictionsError: The system predicts classes without probabilities.
            MissingExtraError: matplotlib is not installed.
        """
        axes: Axes = import_optional("mien.evaluation.plots", "report").plot_reliability(self, ax)
        return axes

    def plot_selective_accuracy(self, ax: "Axes | None" = None) -> "Axes":
        """Draw selective accuracy over coverage into `ax`, or into a new figure, and return the axes.

        Raises:
            PredictionsError: The system predicts classes without probabilities.
            MissingExtraError: matplotlib is not installed.
        """
        axes: Axes = import_optional("mien.evaluation.selective_plot", "report").plot_selective(self, ax)
        return axes

    def __repr__(self) -> str:
        low, high = self.interval
        return (
            f"<Evaluation of {self.system!r} on {self.split!r}: {counted(self.n, 'face')}, "
            f"accuracy {self.accuracy:.4f} ({low:.4f} to {high:.4f}), macro-F1 {self.macro_f1:.4f}>"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return a table of the main metrics for notebooks."""
        low, high = (percent(bound, 1) for bound in self.interval)
        rows = {
            "accuracy": f"{percent(self.accuracy, 2)} (95 % interval {low} to {high})",
            "balanced accuracy": percent(self.balanced_accuracy, 2),
            "macro-F1": percent(self.macro_f1, 2),
        }
        if self.log_loss is not None and self.calibration_error is not None:
            rows["log loss"] = f"{self.log_loss:.4f}"
            rows["calibration error (ECE)"] = percent(self.calibration_error, 2)
        title = escape(f"{self.system} on {self.split}, {counted(self.n, 'face')}")
        cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows.items())
        return f"<table><caption>{title}</caption>{cells}</table>"
