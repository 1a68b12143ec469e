"""Calibration: probabilities that mean what they say, and from which one on an answer is sure.

Pure functions on what a network said about validation faces. `mien.exporting` puts both numbers into
a bundle. Nothing is fitted on zero faces: both raise ValueError for n = 0, as `mien.metrics` does.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]

HOTTEST: Final = 20.0
"""Temperatures are looked for from 1 / HOTTEST to HOTTEST; a network that makes no mistake, or is
worse than guessing, would want one without bound."""

HALVINGS: Final = 50
"""Of the range, in which the temperature becomes exact to its last digits."""

TARGET_ACCURACY: Final = 0.85
"""Accuracy that is wanted of the answers that count as sure."""


class ThresholdFit(NamedTuple):
    """A threshold on the top probability, and what it is worth."""

    value: float
    """An answer is sure if its probability is at least this."""
    coverage: float
    """Share of faces whose answer is sure, 0 to 1."""
    accuracy: float
    """Among those, 0 to 1."""


def fit_temperature(logits: Floats, labels: Ints) -> float:
    """Return the temperature that gives the labels the least log loss (Guo et al. 2017, section 4.2).

    The loss of softmax(logits / T) is convex in 1 / T, so that its slope changes sign once at most,
    and halving the range finds where. Without any slope, as of equal logits, the answer is 1.

    Args:
        logits: (n, classes), finite.
        labels: (n,), the true classes.

    Returns:
        1 / HOTTEST to HOTTEST; above 1 where the network is too sure of itself.
    """
    _require_faces(len(labels))
    centered = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    of_truth = centered[np.arange(len(labels)), labels]
    low, high = -math.log(HOTTEST), math.log(HOTTEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        slope = _slope(centered, of_truth, math.exp(-middle))
        if slope == 0:
            break
        low, high = (middle, high) if slope > 0 else (low, middle)
    return math.exp((low + high) / 2)


def fit_confidence_threshold(
    probabilities: Floats, labels: Ints, target: float = TARGET_ACCURACY
) -> ThresholdFit:
    """Return the threshold above which as many answers as possible are right `target` of the time.

    It lies halfway between the least sure answer that counts and the next below, so that a
    rounding error moves no face across. Where no threshold reaches the target it is the one that
    comes nearest to it.

    Args:
        probabilities: (n, classes), calibrated, rows sum to 1.
        labels: (n,), the true classes.
        target: Accuracy wanted among the sure, 0 to 1.
    """
    _require_faces(len(labels))
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(-confidence)
    ranked = confidence[order]
    hits = (probabilities.argmax(axis=1) == labels)[order]
    accuracy = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    # Equal confidences are sure together or not at all: a cut falls after the last of them.
    cuts = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    reached = cuts[accuracy[cuts] >= target]
    last = int(reached[-1]) if len(reached) else _best(cuts, accuracy)
    below = ranked[last + 1] if last + 1 < len(ranked) else -ranked[last]
    return ThresholdFit(float(ranked[last] + below) / 2, (last + 1) / len(ranked), float(accuracy[last]))


def _slope(centered: NDArray[np.float64], of_truth: NDArray[np.float64], sharpness: float) -> float:
    """Derivative of the log loss by 1 / T at 1 / T = `sharpness`: expected less true logit."""
    weights = np.exp(centered * sharpness)
    expected = (weights * centered).sum(axis=1) / weights.sum(axis=1)
    return float((expected - of_truth).mean())


def _best(cuts: Ints, accuracy: NDArray[np.float64]) -> int:
    """The cut of highest accuracy; of several, the one that covers most."""
    return int(cuts[accuracy[cuts] == accuracy[cuts].max()][-1])


def _require_faces(n: int) -> None:
    if n == 0:
        raise ValueError("there are no faces to calibrate on")
