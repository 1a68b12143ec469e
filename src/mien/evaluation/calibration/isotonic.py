"""Isotonic calibration of the confidence (Zadrozny and Elkan 2002), in few, smoothed steps.

The faces are sorted by confidence and divided into bins of equal size. Pooling adjacent violators makes the
accuracies of the bins increase; between the bins the map is linear, so that equal faces get nearly equal
confidences in every engine.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.calibration.temperature import require_faces

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]

FACES_PER_BIN: Final = 200
MOST_BINS: Final = 15

PRIOR: Final = 10
"""Faces as accurate as their confidence states, which are added to each bin."""

STEP: Final = 1e-6
"""Least rise of the map between two knots."""


class ConfidenceMap(NamedTuple):
    """Confidences and calibrated confidences, from 0 to 1 and strictly increasing."""

    knots: NDArray[np.float64]
    levels: NDArray[np.float64]


def fit_confidence_map(probabilities: Floats, labels: Ints) -> ConfidenceMap:
    """Return the map of the confidence.

    Args:
        probabilities: (n, classes), rows sum to 1.
        labels: (n,), the true classes.
    """
    require_faces(len(labels))
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    correct = (probabilities.argmax(axis=1) == labels)[order].astype(np.float64)
    bins = min(MOST_BINS, max(1, len(labels) // FACES_PER_BIN))
    parts = np.array_split(np.arange(len(labels)), bins)
    means = np.array([confidence[order][part].mean() for part in parts])
    hits = np.array([correct[part].sum() for part in parts])
    weights = np.array([len(part) + PRIOR for part in parts], np.float64)
    knots, levels, sizes = _pooled(means, (hits + PRIOR * means) / weights, weights)
    return _with_ends(knots, levels, float(sizes[-1]))


def _pooled(
    knots: NDArray[np.float64], levels: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Merge adjacent bins until their levels increase (pool adjacent violators)."""
    found: list[NDArray[np.float64]] = []
    for one in np.stack([knots * weights, levels * weights, weights], axis=1):
        found.append(one)
        while len(found) > 1 and found[-2][1] / found[-2][2] + STEP >= found[-1][1] / found[-1][2]:
            last = found.pop()
            found[-1] = found[-1] + last
    x, y, size = np.array(found).T
    return x / size, y / size, size


def _with_ends(knots: NDArray[np.float64], levels: NDArray[np.float64], size: float) -> ConfidenceMap:
    """Add the ends of the map: 0 stays 0, and 1 becomes what the bin of highest confidence allows."""
    highest = max(1 - 1 / (size + 2), float(levels[-1]) + STEP)
    inside = (knots > STEP) & (knots < 1 - STEP) & (levels > STEP) & (levels < 1 - STEP)
    return ConfidenceMap(
        np.concatenate([[0.0], knots[inside], [1.0]]),
        np.concatenate([[0.0], levels[inside], [min(1.0, highest)]]),
    )
