"""Which faces a report shows: picked by rule, never by hand, so that nobody can flatter a system."""

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.evaluation import ErrorPattern
from mien.evaluation.predictions import Predictions


def faces_of_pattern(predictions: Predictions, pattern: ErrorPattern, count: int) -> NDArray[np.int64]:
    """Return positions of up to `count` faces of one error pattern, the most confident first."""
    truth, answer = predictions.classes.index(pattern.truth), predictions.classes.index(pattern.answer)
    found = np.flatnonzero((predictions.labels == truth) & (predictions.predicted == answer))
    return found[np.argsort(-predictions.confidence[found], kind="stable")][:count]


def even_positions(n: int, count: int) -> NDArray[np.int64]:
    """Return up to `count` positions at equal distances within `n` faces."""
    return np.unique(np.linspace(0, n - 1, min(n, count)).round().astype(np.int64))
