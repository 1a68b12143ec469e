"""Classes that annotators confuse: pairs of label and probable class, by confident learning."""

from typing import Final, NamedTuple

import numpy as np

from mien.auditing.labels import LabelAudit

MOST: Final = 12
"""Pairs that are listed."""


class ConfusedPair(NamedTuple):
    """Faces labeled as one class that are probably of another one.

    Attributes:
        label: The label.
        probable: The other class.
        estimated: Estimated number of faces (confident learning).
        share: Their share of the faces with that label.
        doubtful: Number of doubtful labels among the findings.
    """

    label: str
    probable: str
    estimated: int
    share: float
    doubtful: int


def confused_pairs(found: LabelAudit, classes: tuple[str, ...]) -> tuple[ConfusedPair, ...]:
    """Return the most frequent pairs, in descending order of the estimated number of faces."""
    k, n = len(classes), len(found.labels)
    estimated = found.joint.joint * n
    best = found.probabilities.argmax(1)
    doubtful = np.bincount(found.labels[found.doubtful] * k + best[found.doubtful], minlength=k * k).reshape(
        k, k
    )
    of_label = np.maximum(np.bincount(found.labels, minlength=k), 1)
    pairs = [
        ConfusedPair(
            classes[label], classes[other], round(estimated[label, other]),
            float(estimated[label, other] / of_label[label]), int(doubtful[label, other]),
        )
        for label in range(k) for other in range(k)
        if label != other and round(estimated[label, other]) > 0
    ]  # fmt: skip
    return tuple(sorted(pairs, key=lambda pair: -pair.estimated)[:MOST])
