"""Scoring: from predictions to an Evaluation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.errors import PredictionsError
from mien.evaluation.calibration.threshold import is_accepted
from mien.evaluation.evaluation import (
    AccuracyEstimate,
    ClassMetrics,
    ConfidentError,
    Confusion,
    Evaluation,
    ReliabilityBin,
    SelectivePoint,
)
from mien.labels import UNLABELED
from mien.predictions import Predictions
from mien.text import counted

CALIBRATION_BINS = 15
MOST_CONFUSIONS = 50
"""Confused pairs that an evaluation lists at most, so that many classes stay readable."""
MOST_ERRORS = 24
"""Confident errors that an evaluation lists at most."""


MOST_POINTS = 50
"""Points of the curve of selective accuracy."""


def evaluate(predictions: Predictions) -> Evaluation:
    """Return the metrics of `predictions`.

    Raises:
        PredictionsError: There are no faces, or some have no label.
    """
    require_labels(predictions)
    confusion = metrics.confusion_matrix(predictions.labels, predictions.predicted, len(predictions.classes))
    return Evaluation(
        system=predictions.system,
        source=predictions.source,
        split=predictions.split,
        classes=predictions.classes,
        overall=_estimate(predictions.correct),
        balanced_accuracy=metrics.balanced_accuracy(confusion),
        macro_f1=metrics.macro_f1(confusion),
        weighted_f1=metrics.weighted_f1(confusion),
        per_class=_per_class(confusion, predictions.classes),
        confusion_matrix=tuple(tuple(int(count) for count in row) for row in confusion),
        confusions=_confusions(confusion, predictions.classes),
        confident_errors=() if predictions.only_classes else _confident_errors(predictions),
        excluding_duplicates=_estimate_where(predictions, predictions.in_training, among=False),
        in_training=_estimate_where(predictions, predictions.in_training, among=True),
        excluding_doubtful=_estimate_where(predictions, predictions.doubtful, among=False),
        doubtful=_estimate_where(predictions, predictions.doubtful, among=True),
        from_training_data=predictions.from_training_data,
        leakage_warnings=predictions.leakage_warnings,
        unfinished=predictions.unfinished,
        **({} if predictions.only_classes else _of_probabilities(predictions)),
    )


def _of_probabilities(predictions: Predictions) -> dict[str, Any]:
    """Return what is not defined for predicted classes without probabilities."""
    labels, probabilities = predictions.labels, predictions.probabilities
    return {
        "top_2_accuracy": metrics.top_k_accuracy(probabilities, labels, 2),
        "log_loss": metrics.log_loss(probabilities, labels),
        "calibration_error": metrics.calibration_error(probabilities, labels, CALIBRATION_BINS),
        "mean_confidence": metrics.mean_confidence(probabilities),
        "reliability": _reliability(predictions),
        "selective": _selective(predictions),
        "threshold": _threshold(predictions),
    }


def require_labels(predictions: Predictions) -> None:
    """Check that there are faces, and that each has a label.

    Raises:
        PredictionsError: There are none, or one has no label.
    """
    name = predictions.system or "these predictions"
    if not len(predictions):
        raise PredictionsError(f"{name}: no faces to evaluate; choose a split that has some")
    unlabeled = np.flatnonzero(predictions.labels == UNLABELED)
    if len(unlabeled):
        raise PredictionsError(
            f"{name}: no label for {len(unlabeled):,} of {counted(len(predictions), 'face')} (the first: "
            f"{predictions.ids[unlabeled[0]]}); an evaluation needs labeled faces"
        )


def _estimate(correct: NDArray[np.bool_]) -> AccuracyEstimate:
    hits, n = int(correct.sum()), len(correct)
    return AccuracyEstimate(n=n, accuracy=hits / n, interval=metrics.wilson_interval(hits, n))


def _estimate_where(
    predictions: Predictions, mask: NDArray[np.bool_] | None, *, among: bool
) -> AccuracyEstimate | None:
    """Return the accuracy on the faces of a mask, or on the others; None without a mask or such faces."""
    if mask is None:
        return None
    correct = predictions.correct[mask == among]
    return _estimate(correct) if len(correct) else None


def _per_class(confusion: NDArray[np.int64], classes: tuple[str, ...]) -> tuple[ClassMetrics, ...]:
    scores = metrics.class_scores(confusion)
    return tuple(
        ClassMetrics(
            name=name,
            support=int(scores.support[row]),
            predicted=int(scores.predicted[row]),
            precision=float(scores.precision[row]),
            recall=float(scores.recall[row]),
            f1=float(scores.f1[row]),
        )
        for row, name in enumerate(classes)
    )


def _confusions(confusion: NDArray[np.int64], classes: tuple[str, ...]) -> tuple[Confusion, ...]:
    support = confusion.sum(axis=1)
    pairs = [(label, guess) for label, guess in zip(*np.nonzero(confusion), strict=True) if label != guess]
    pairs.sort(key=lambda pair: (-confusion[pair], pair))
    return tuple(
        Confusion(
            label=classes[label],
            predicted=classes[guess],
            count=int(confusion[label, guess]),
            share=float(confusion[label, guess] / support[label]),
        )
        for label, guess in pairs[:MOST_CONFUSIONS]
    )


def _confident_errors(predictions: Predictions) -> tuple[ConfidentError, ...]:
    wrong = np.flatnonzero(~predictions.correct)
    order = wrong[np.argsort(-predictions.confidence[wrong], kind="stable")][:MOST_ERRORS]
    return tuple(
        ConfidentError(
            id=str(predictions.ids[at]),
            index=int(at),
            label=predictions.classes[predictions.labels[at]],
            predicted=predictions.classes[predictions.predicted[at]],
            confidence=_fraction(predictions.confidence[at]),
            label_probability=_fraction(predictions.probabilities[at, predictions.labels[at]]),
        )
        for at in order
    )


def _reliability(predictions: Predictions) -> tuple[ReliabilityBin, ...]:
    curve = metrics.reliability(predictions.probabilities, predictions.labels, CALIBRATION_BINS)
    return tuple(
        ReliabilityBin(
            lower=_fraction(curve.edges[at]),
            upper=_fraction(curve.edges[at + 1]),
            count=int(curve.count[at]),
            confidence=_fraction(curve.confidence[at]),
            accuracy=_fraction(curve.accuracy[at]),
            interval=_interval(float(curve.accuracy[at]), int(curve.count[at])),
        )
        for at in range(CALIBRATION_BINS)
    )


def _interval(accuracy: float, n: int) -> tuple[float, float]:
    return metrics.wilson_interval(round(accuracy * n), n) if n else (0.0, 1.0)


def _selective(predictions: Predictions) -> tuple[SelectivePoint, ...]:
    """Return points of the curve, each at the confidence of a face."""
    ranked = np.sort(predictions.confidence.astype(np.float64))[::-1]
    steps = np.unique(np.linspace(0, len(ranked) - 1, min(MOST_POINTS, len(ranked))).round().astype(np.int64))
    return tuple(
        _selective_point(predictions, value, predictions.confidence >= value)
        for value in np.unique(ranked[steps])[::-1]
    )


def _threshold(predictions: Predictions) -> SelectivePoint | None:
    threshold = predictions.threshold
    if threshold is None:
        return None
    return _selective_point(predictions, threshold, is_accepted(predictions.confidence, threshold))


def _selective_point(predictions: Predictions, threshold: float, mask: NDArray[np.bool_]) -> SelectivePoint:
    accepted = predictions.correct[mask]
    accuracy = float(accepted.mean()) if len(accepted) else 0.0
    return SelectivePoint(
        threshold=_fraction(threshold),
        coverage=len(accepted) / len(predictions),
        accuracy=accuracy,
        interval=_interval(accuracy, len(accepted)),
    )


def _fraction(value: float | np.floating) -> float:
    """A float of at most 1: float32 rows may exceed 1 by a rounding error."""
    return min(1.0, float(value))
