"""Confidence thresholds: the confidence from which predictions are accepted."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.calibration.temperature import require_faces

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]

TARGET_ACCURACY: Final = 0.85
"""Selective accuracy at the confidence threshold."""


class ThresholdFit(NamedTuple):
    """A threshold on the confidence, with its coverage and selective accuracy."""

    value: float
    """Predictions of at least this confidence are accepted; 1 if no threshold reaches the target."""
    coverage: float
    """Share of faces at or above the threshold, 0 to 1; 0 if no threshold reaches the target."""
    accuracy: float
    """Of those faces, 0 to 1; 0 if there are none."""

    @property
    def is_reached(self) -> bool:
        """Whether a threshold reaches the target."""
        return self.coverage > 0


UNREACHED: Final = ThresholdFit(1.0, 0.0, 0.0)
"""No prediction is accepted: a lower threshold would state an accuracy that the system doesn't have."""


def is_accepted(confidence: Floats, threshold: float) -> NDArray[np.bool_]:
    """Return which predictions are accepted, (n,): those of at least the threshold, and at 1 none.

    Args:
        confidence: (n,), 0 to 1.
        threshold: 0 to 1; 1 if no threshold reaches the target.
    """
    mask: NDArray[np.bool_] = (confidence >= threshold) & (threshold < 1)
    return mask


def fit_confidence_threshold(
    probabilities: Floats, labels: Ints, target: float = TARGET_ACCURACY
) -> ThresholdFit:
    """Return the threshold of highest coverage whose selective accuracy is at least `target`.

    It lies halfway between the lowest confidence that is accepted and the next lower one, so that rounding
    errors do not matter. If no threshold reaches the target, it is 1, and all predictions are uncertain.

    Args:
        probabilities: (n, classes), calibrated, rows sum to 1.
        labels: (n,), the true classes.
        target: Selective accuracy to reach, 0 to 1.
    """
    require_faces(len(labels))
    # As float32, in which bundles return them: what rounds to 1 can't be told from 1 there.
    confidence = probabilities.max(axis=1).astype(np.float32).astype(np.float64)
    order = np.argsort(-confidence)
    ranked = confidence[order]
    hits = (probabilities.argmax(axis=1) == labels)[order]
    accuracy = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    # Equal confidences are accepted together: a cut is after the last of them.
    cuts = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    reached = cuts[accuracy[cuts] >= target]
    if not len(reached):
        return UNREACHED
    last = int(reached[-1])
    below = ranked[last + 1] if last + 1 < len(ranked) else -ranked[last]
    return ThresholdFit(float(ranked[last] + below) / 2, (last + 1) / len(ranked), float(accuracy[last]))
