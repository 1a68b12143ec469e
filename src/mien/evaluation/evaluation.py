"""Evaluation: every number about one set of predictions, as one frozen value that JSON can hold."""

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.config.base import Fraction, Strict
from mien.errors import PredictionsError
from mien.evaluation.predictions import Predictions
from mien.labels import UNLABELED

CALIBRATION_BINS = 15
MOST_MISTAKES = 24
"""An evaluation lists this many of the most confident mistakes."""


class Measured(Strict):
    """An accuracy, the faces it was measured on, and its 95 % interval (Wilson)."""

    n: int
    accuracy: Fraction
    interval: tuple[Fraction, Fraction]


class ClassRow(Strict):
    """One class: how many faces it has, how often it was answered, and how well."""

    name: str
    support: int
    predicted: int
    precision: Fraction
    recall: Fraction
    f1: Fraction


class ErrorPattern(Strict):
    """One way of being wrong: `share` of the faces of class `truth` were taken for `answer`."""

    truth: str
    answer: str
    count: int
    share: Fraction


class Mistake(Strict):
    """One wrong answer."""

    id: str
    position: int
    """Of the face in the predictions."""
    truth: str
    answer: str
    confidence: Fraction
    """Probability of the answer."""
    truth_probability: Fraction


class Evaluation(Strict):
    """Everything measured about what one system said about the faces of one split."""

    system: str
    source: str
    split: str
    classes: tuple[str, ...]
    overall: Measured
    balanced_accuracy: Fraction
    macro_f1: Fraction
    weighted_f1: Fraction
    log_loss: float
    calibration_error: Fraction
    """Expected calibration error of the top answers over `CALIBRATION_BINS` equal-width bins."""
    mean_confidence: Fraction
    top_2: Fraction
    per_class: tuple[ClassRow, ...]
    confusion: tuple[tuple[int, ...], ...]
    """A row for each true class, a column for each answer."""
    patterns: tuple[ErrorPattern, ...]
    """Every kind of mistake that happened, the most frequent first."""
    mistakes: tuple[Mistake, ...]
    """The most confident mistakes first, at most `MOST_MISTAKES`."""
    unseen: Measured | None
    """Without the faces that are pixel-identical to a training face; None if unknown, or none are left."""
    seen: Measured | None
    """Of those faces alone; None if unknown, or there are none."""
    own: bool
    """The faces are those that the system was trained with; False if they aren't, or that is unknown."""
    leakage_warnings: str
    """Sentences on why these numbers may be too good, as the predictions brought them."""

    @property
    def n(self) -> int:
        """Number of faces measured on."""
        return self.overall.n

    @property
    def accuracy(self) -> float:
        """Share of faces whose most probable class is the true one, 0 to 1."""
        return self.overall.accuracy


def evaluate(predictions: Predictions) -> Evaluation:
    """Measure `predictions`.

    Raises:
        PredictionsError: There are no faces, or the truth of some is not known.
    """
    require_truth(predictions)
    labels, given = predictions.labels, predictions.probabilities
    confusion = metrics.confusion_matrix(labels, predictions.predicted, len(predictions.classes))
    return Evaluation(
        system=predictions.system,
        source=predictions.source,
        split=predictions.split,
        classes=predictions.classes,
        overall=_measured(predictions.correct),
        balanced_accuracy=metrics.balanced_accuracy(confusion),
        macro_f1=metrics.macro_f1(confusion),
        weighted_f1=metrics.weighted_f1(confusion),
        log_loss=metrics.log_loss(given, labels),
        calibration_error=metrics.calibration_error(given, labels, CALIBRATION_BINS),
        mean_confidence=min(1.0, float(predictions.confidence.mean(dtype=np.float64))),
        top_2=metrics.top_k_accuracy(given, labels, 2),
        per_class=_class_rows(confusion, predictions.classes),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        patterns=_patterns(confusion, predictions.classes),
        mistakes=_mistakes(predictions),
        unseen=None if predictions.seen is None else _measured_if_any(predictions.correct[~predictions.seen]),
        seen=None if predictions.seen is None else _measured_if_any(predictions.correct[predictions.seen]),
        own=predictions.own,
        leakage_warnings=predictions.leakage_warnings,
    )


def require_truth(predictions: Predictions) -> None:
    """Check that there are faces, and that the true class of each is known.

    Raises:
        PredictionsError: There are none, or one is not.
    """
    name = predictions.system or "these predictions"
    if not len(predictions):
        raise PredictionsError(f"{name}: no faces to measure on; choose a split that has some")
    unknown = np.flatnonzero(predictions.labels == UNLABELED)
    if len(unknown):
        raise PredictionsError(
            f"{name}: the emotion of {len(unknown)} of {len(predictions)} faces is not known (the first: "
            f"{predictions.ids[unknown[0]]}); an evaluation needs labeled faces"
        )


def _measured(correct: NDArray[np.bool_]) -> Measured:
    hits, n = int(correct.sum()), len(correct)
    return Measured(n=n, accuracy=hits / n, interval=metrics.wilson_interval(hits, n))


def _measured_if_any(correct: NDArray[np.bool_]) -> Measured | None:
    return _measured(correct) if len(correct) else None


def _class_rows(confusion: NDArray[np.int64], classes: tuple[str, ...]) -> tuple[ClassRow, ...]:
    scores = metrics.class_scores(confusion)
    return tuple(
        ClassRow(
            name=name,
            support=int(scores.support[row]),
            predicted=int(scores.predicted[row]),
            precision=float(scores.precision[row]),
            recall=float(scores.recall[row]),
            f1=float(scores.f1[row]),
        )
        for row, name in enumerate(classes)
    )


def _patterns(confusion: NDArray[np.int64], classes: tuple[str, ...]) -> tuple[ErrorPattern, ...]:
    support = confusion.sum(axis=1)
    pairs = [(t, a) for t, a in zip(*np.nonzero(confusion), strict=True) if t != a]
    pairs.sort(key=lambda pair: (-confusion[pair], pair))
    return tuple(
        ErrorPattern(
            truth=classes[truth],
            answer=classes[answer],
            count=int(confusion[truth, answer]),
            share=float(confusion[truth, answer] / support[truth]),
        )
        for truth, answer in pairs
    )


def _mistakes(predictions: Predictions) -> tuple[Mistake, ...]:
    wrong = np.flatnonzero(~predictions.correct)
    order = wrong[np.argsort(-predictions.confidence[wrong], kind="stable")][:MOST_MISTAKES]
    return tuple(
        Mistake(
            id=str(predictions.ids[at]),
            position=int(at),
            truth=predictions.classes[predictions.labels[at]],
            answer=predictions.classes[predictions.predicted[at]],
            confidence=min(1.0, float(predictions.confidence[at])),
            truth_probability=float(predictions.probabilities[at, predictions.labels[at]]),
        )
        for at in order
    )
