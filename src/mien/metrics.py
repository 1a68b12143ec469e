"""Metrics: pure functions from arrays to numbers.

Training uses them for validation, and every report is made of them. Shapes are written as in jaxtyping:
`Int[n]` is int64 (n,), `Float[n k]` holds probabilities of k classes. No metric is defined on zero faces:
every function raises ValueError for n = 0.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]

Z95 = 1.959963984540054
"""Quantile of the normal distribution for a two-sided 95 % interval."""

MIN_PROBABILITY = 1e-7
"""Log loss clips probabilities below this, so the loss of one face is at most 16.1."""


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Precision, recall, F1 (0 to 1) and support of each class; a ratio whose denominator is 0 is 0."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: Ints
    predicted: Ints
    """How often each class was predicted."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence against accuracy in equal-width bins; empty bins have count 0 and mean 0."""

    edges: NDArray[np.float64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: Ints


@dataclass(frozen=True)
class McNemar:
    """McNemar's test of two systems on the same faces."""

    only_first: int
    """Faces that the first system alone classified correctly."""
    only_second: int
    exact: float
    """Two-sided exact p-value (McNemar 1947, binomial)."""
    mid: float
    """Two-sided mid-p value, less conservative than the exact test (Fagerland et al. 2013)."""


def accuracy(labels: Ints, predicted: Ints) -> float:
    """Return the share of `predicted: Int[n]` that equals `labels: Int[n]`."""
    _require_faces(len(labels))
    return float(np.mean(labels == predicted))


def wilson_interval(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the interval of a share `hits / n` (Wilson 1927); z = 1.96 gives 95 %.

    Unlike the normal approximation it never leaves 0..1 and holds for small n.
    """
    _require_faces(n)
    share = hits / n
    center = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if hits == 0 else (center - half) / scale
    high = 1.0 if hits == n else (center + half) / scale
    return low, high


def normal_interval(mean: float, values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of a mean by the normal approximation, within 0 to 1.

    Args:
        mean: The mean.
        values: `Float[n]`, of which it is the mean, up to a constant.
    """
    _require_faces(len(values))
    half = Z95 * float(values.std()) / math.sqrt(len(values))
    return max(0.0, mean - half), min(1.0, mean + half)


def confusion_matrix(labels: Ints, predicted: Ints, classes: int) -> Ints:
    """Return `Int[classes classes]`: a row for each true class, a column for each predicted class.

    Args:
        labels: `Int[n]`, 0 to classes - 1.
        predicted: `Int[n]`, 0 to classes - 1.
        classes: Number of classes, present or not.
    """
    _require_faces(len(labels))
    pairs = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return pairs.reshape(classes, classes)


def class_scores(confusion: Ints) -> ClassScores:
    """Return the scores of each class from a confusion matrix `Int[k k]`."""
    _require_faces(int(confusion.sum()))
    hits = np.diag(confusion).astype(np.float64)
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    return ClassScores(
        precision=_ratio(hits, predicted),
        recall=_ratio(hits, support),
        f1=_ratio(2 * hits, support + predicted),
        support=support,
        predicted=predicted,
    )


def balanced_accuracy(confusion: Ints) -> float:
    """Return the mean recall over the classes that have faces in `confusion: Int[k k]`."""
    scores = class_scores(confusion)
    return float(scores.recall[scores.support > 0].mean())


def macro_f1(confusion: Ints) -> float:
    """Return the mean F1 over the classes that occur among labels or predictions of `Int[k k]`.

    A class that was predicted but has no faces counts with F1 0; one that does not occur is left out,
    as scikit-learn does without a list of classes.
    """
    scores = class_scores(confusion)
    return float(scores.f1[scores.support + scores.predicted > 0].mean())


def weighted_f1(confusion: Ints) -> float:
    """Return the mean F1 weighted by support, from `confusion: Int[k k]`."""
    scores = class_scores(confusion)
    return float(np.average(scores.f1, weights=scores.support))


def top_k_accuracy(probabilities: Floats, labels: Ints, k: int) -> float:
    """Return the share of faces whose true class is among the `k` most probable.

    Equal probabilities rank in class order, as in argmax, so k = 1 is the accuracy.

    Args:
        probabilities: `Float[n classes]`.
        labels: `Int[n]`.
        k: 1 or more.
    """
    _require_faces(len(labels))
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((order == labels[:, None]).any(axis=1).mean())


def log_loss(probabilities: Floats, labels: Ints) -> float:
    """Return the mean negative log probability of the true class, in nats; lower is better.

    Args:
        probabilities: `Float[n classes]`; clipped below at `MIN_PROBABILITY`.
        labels: `Int[n]`.
    """
    _require_faces(len(labels))
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(of_label, MIN_PROBABILITY, 1.0)).mean())


def mean_confidence(probabilities: Floats) -> float:
    """Return the mean of the highest probability of each face of `Float[n k]`, 0 to 1."""
    _require_faces(len(probabilities))
    # The rows of float32 may exceed 1 by a rounding error.
    return min(1.0, float(probabilities.max(axis=1).mean(dtype=np.float64)))


def reliability(probabilities: Floats, labels: Ints, bins: int = 15) -> Reliability:
    """Return mean confidence and accuracy of the predictions in `bins` equal-width bins.

    A confidence on an edge belongs to the bin below it.

    Args:
        probabilities: `Float[n classes]`.
        labels: `Int[n]`.
        bins: Number of bins over 0..1.
    """
    _require_faces(len(labels))
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    edges = np.linspace(0.0, 1.0, bins + 1)
    at = np.searchsorted(edges[1:-1], confidence)
    count = np.bincount(at, minlength=bins)
    return Reliability(
        edges=edges,
        confidence=_ratio(np.bincount(at, confidence, minlength=bins), count),
        accuracy=_ratio(np.bincount(at, correct, minlength=bins), count),
        count=count,
    )


def calibration_error(probabilities: Floats, labels: Ints, bins: int = 15) -> float:
    """Return the expected calibration error (Guo et al. 2017), 0 to 1.

    The mean difference between confidence and accuracy over bins, weighted by their number of faces.
    """
    curve = reliability(probabilities, labels, bins)
    gap = np.abs(curve.confidence - curve.accuracy)
    return float(np.average(gap, weights=curve.count))


def mcnemar(first: Mask, second: Mask) -> McNemar:
    """Test whether two systems differ, from the faces that each classified correctly.

    Args:
        first: `Bool[n]`, faces the first system classified correctly.
        second: `Bool[n]`, the same faces for the second system.
    """
    _require_faces(len(first))
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    fewer, together = min(only_first, only_second), only_first + only_second
    below = sum(_half_binomial(count, together) for count in range(fewer))
    here = _half_binomial(fewer, together)
    return McNemar(
        only_first,
        only_second,
        exact=min(1.0, 2 * (below + here)),
        mid=min(1.0, 2 * below + here),
    )


def paired_difference(
    first: Mask, second: Mask, *, seed: int = 0, draws: int = 10_000
) -> tuple[float, float, float]:
    """Return second minus first accuracy and its 95 % bootstrap interval (percentiles).

    Faces are resampled with replacement, as pairs of predictions. Only the numbers of faces that one, the
    other and neither system wins matter, so a sample is one multinomial draw.

    Args:
        first: `Bool[n]`, faces the first system classified correctly.
        second: `Bool[n]`, the same faces for the second system.
        seed: Of the random generator.
        draws: Number of bootstrap samples.
    """
    n = len(first)
    _require_faces(n)
    lost, won = int((first & ~second).sum()), int((second & ~first).sum())
    samples = np.random.default_rng(seed).multinomial(n, [lost / n, won / n, (n - lost - won) / n], draws)
    low, high = np.percentile((samples[:, 1] - samples[:, 0]) / n, [2.5, 97.5])
    return (won - lost) / n, float(low), float(high)


def _half_binomial(count: int, n: int) -> float:
    """Binomial probability of `count` out of `n` at p = 1/2, by logarithms so that any n works."""
    logarithm = math.lgamma(n + 1) - math.lgamma(count + 1) - math.lgamma(n - count + 1)
    return math.exp(logarithm - n * math.log(2))


def _ratio(part: NDArray[np.number], whole: Ints) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return shares


def _require_faces(n: int) -> None:
    if n == 0:
        raise ValueError("no faces to compute a metric on")
