"""Calibration: temperature scaling and confidence thresholds, fitted on validation faces.

Pure functions; `mien.exporting` puts both numbers into a bundle. Like `mien.metrics` they raise ValueError
for n = 0.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]

MAX_TEMPERATURE: Final = 20.0
"""Temperatures are searched from 1 / MAX_TEMPERATURE to MAX_TEMPERATURE; for a network that is worse than
chance, the optimum is unbounded."""

BISECTIONS: Final = 50
"""Enough for the full precision of a float."""

TARGET_ACCURACY: Final = 0.85
"""Selective accuracy at the confidence threshold."""


class ThresholdFit(NamedTuple):
    """A threshold on the confidence, with its coverage and selective accuracy."""

    value: float
    """Predictions of at least this confidence are accepted."""
    coverage: float
    """Share of faces at or above the threshold, 0 to 1."""
    accuracy: float
    """Of those faces, 0 to 1."""


def fit_temperature(logits: Floats, labels: Ints) -> float:
    """Return the temperature that minimizes the log loss (Guo et al. 2017, section 4.2), with a prior.

    The prior of 1 / T is normal with mean 1 and standard deviation 1. It weighs as much as one face, so it
    does not matter for thousands of faces, and keeps the result moderate if a few faces are all classified
    correctly. The penalized loss of softmax(logits / T) is convex in 1 / T, so its slope changes sign once,
    and bisection finds where.

    Args:
        logits: (n, classes), finite.
        labels: (n,), the true classes.

    Returns:
        1 / MAX_TEMPERATURE to MAX_TEMPERATURE; above 1 if the network is overconfident.
    """
    _require_faces(len(labels))
    centered = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    of_label = centered[np.arange(len(labels)), labels]
    low, high = -math.log(MAX_TEMPERATURE), math.log(MAX_TEMPERATURE)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        inverse = math.exp(-middle)
        slope = _slope(centered, of_label, inverse) + (inverse - 1) / len(labels)
        if slope == 0:
            break
        low, high = (middle, high) if slope > 0 else (low, middle)
    return math.exp((low + high) / 2)


def fit_confidence_threshold(
    probabilities: Floats, labels: Ints, target: float = TARGET_ACCURACY
) -> ThresholdFit:
    """Return the threshold of highest coverage whose selective accuracy is at least `target`.

    It lies halfway between the lowest confidence that is accepted and the next lower one, so that rounding
    errors do not matter. If no threshold reaches the target, it is the one of highest accuracy.

    Args:
        probabilities: (n, classes), calibrated, rows sum to 1.
        labels: (n,), the true classes.
        target: Selective accuracy to reach, 0 to 1.
    """
    _require_faces(len(labels))
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(-confidence)
    ranked = confidence[order]
    hits = (probabilities.argmax(axis=1) == labels)[order]
    accuracy = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    # Equal confidences are accepted together: a cut is after the last of them.
    cuts = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    reached = cuts[accuracy[cuts] >= target]
    last = int(reached[-1]) if len(reached) else _best(cuts, accuracy)
    below = ranked[last + 1] if last + 1 < len(ranked) else -ranked[last]
    return ThresholdFit(float(ranked[last] + below) / 2, (last + 1) / len(ranked), float(accuracy[last]))


def _slope(centered: NDArray[np.float64], of_label: NDArray[np.float64], inverse: float) -> float:
    """Derivative of the log loss by 1 / T at 1 / T = `inverse`: expected minus true logit."""
    weights = np.exp(centered * inverse)
    expected = (weights * centered).sum(axis=1) / weights.sum(axis=1)
    return float((expected - of_label).mean())


def _best(cuts: Ints, accuracy: NDArray[np.float64]) -> int:
    """The cut of highest accuracy; of several, the one of highest coverage."""
    return int(cuts[accuracy[cuts] == accuracy[cuts].max()][-1])


def _require_faces(n: int) -> None:
    if n == 0:
        raise ValueError("no faces to calibrate on")
