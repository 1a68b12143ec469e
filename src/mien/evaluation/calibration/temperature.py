"""Temperature scaling (Guo et al. 2017), fitted on validation faces."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]

MAX_TEMPERATURE: Final = 20.0
"""Temperatures are searched from 1 / MAX_TEMPERATURE to MAX_TEMPERATURE; for a network that is worse than
chance, the optimum is unbounded."""

BISECTIONS: Final = 50
"""Enough for the full precision of a float."""


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
    require_faces(len(labels))
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


def _slope(centered: NDArray[np.float64], of_label: NDArray[np.float64], inverse: float) -> float:
    """Derivative of the log loss by 1 / T at 1 / T = `inverse`: expected minus true logit."""
    weights = np.exp(centered * inverse)
    expected = (weights * centered).sum(axis=1) / weights.sum(axis=1)
    return float((expected - of_label).mean())


def require_faces(n: int) -> None:
    """Check that there are faces.

    Raises:
        ValueError: There are none.
    """
    if n == 0:
        raise ValueError("no faces to calibrate on")
