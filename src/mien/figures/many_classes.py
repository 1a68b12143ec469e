"""Figures and tables of many classes: how many are shown, which, and how that is stated. No matplotlib."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_CLASSES: Final = 30
"""Figures and tables show this many classes, and state the rule by which they are selected."""


def largest_classes(counts: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the labels that are shown, ascending: all, or the `MOST_CLASSES` with the most faces.

    Args:
        counts: Number of faces of each class, (classes,).
    """
    largest = np.argsort(-np.asarray(counts, np.int64), kind="stable")[:MOST_CLASSES]
    return np.sort(largest)


def omission(classes: int, rule: str = "largest") -> str:
    """Return which of the classes are shown, such as ", the 30 largest of 41 classes"; "" if all are."""
    return f", the {MOST_CLASSES} {rule} of {classes:,} classes" if classes > MOST_CLASSES else ""
