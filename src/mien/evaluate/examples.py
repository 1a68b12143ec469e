"""Which faces a report shows: picked by rule, never by hand, so that nobody can flatter a system."""

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.evaluation import ErrorPattern
from mien.evaluate.predictions import Predictions
from mien.labels import COLOURS

SPARE_COLOURS = (
    "#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951",
    "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0",
)  # fmt: skip
"""For classes that are not among the seven emotions, in turn."""


def colours_of(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return a colour (#rrggbb) for each class; the seven emotions always have their own."""
    return tuple(
        COLOURS.get(name, SPARE_COLOURS[position % len(SPARE_COLOURS)])
        for position, name in enumerate(classes)
    )


def faces_of_pattern(predictions: Predictions, pattern: ErrorPattern, count: int) -> NDArray[np.int64]:
    """Return positions of up to `count` faces of one error pattern, the most confident first."""
    truth, answer = predictions.classes.index(pattern.truth), predictions.classes.index(pattern.answer)
    found = np.flatnonzero((predictions.labels == truth) & (predictions.predicted == answer))
    return found[np.argsort(-predictions.confidence[found], kind="stable")][:count]


def even_positions(n: int, count: int) -> NDArray[np.int64]:
    """Return up to `count` positions at equal distances within `n` faces."""
    return np.unique(np.linspace(0, n - 1, min(n, count)).round().astype(np.int64))
