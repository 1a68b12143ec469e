"""Selection of the faces that a report shows: by rule, so that no system is flattered."""

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.evaluation import Confusion
from mien.predictions import Predictions


def faces_of_confusion(predictions: Predictions, confusion: Confusion, count: int) -> NDArray[np.int64]:
    """Return the indices, (m,), of up to `count` faces of a confusion, in descending order of confidence."""
    label = predictions.classes.index(confusion.label)
    guess = predictions.classes.index(confusion.predicted)
    found = np.flatnonzero((predictions.labels == label) & (predictions.predicted == guess))
    return found[np.argsort(-predictions.confidence[found], kind="stable")][:count]


def evenly_spaced(n: int, count: int) -> NDArray[np.int64]:
    """Return up to `count` indices, (m,), at equal distances among `n` faces."""
    return np.unique(np.linspace(0, n - 1, min(n, count)).round().astype(np.int64))
