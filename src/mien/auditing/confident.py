"""Confident learning (Northcutt et al. 2021): label errors from out-of-fold probabilities, in numpy.

A face is confidently of class j if its probability of j reaches the mean probability of j over the
faces labeled j. Counts of labels against these classes estimate the joint distribution of labels and true
classes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class ConfidentJoint:
    """The estimate of confident learning.

    Attributes:
        thresholds: float64, (k,); mean probability of a class over its faces; 2 if it has none.
        counts: int64, (k, k); faces by label (row) and confident class (column).
        joint: float64, (k, k); estimated share of the faces by label and true class, sums to 1.
        confident: int64, (n,); the confident class of each face, -1 if it has none.
    """

    thresholds: Floats
    counts: Ints
    joint: Floats
    confident: Ints


def confident_joint(probabilities: NDArray[np.floating], labels: Ints) -> ConfidentJoint:
    """Return the confident joint of labels and true classes.

    Args:
        probabilities: (n, k), by networks that were not trained on these faces; rows sum to 1.
        labels: (n,), 0 to k - 1.
    """
    given = np.asarray(probabilities, np.float64)
    k = given.shape[1]
    thresholds = np.array([
        given[labels == label, label].mean() if (labels == label).any() else 2.0 for label in range(k)
    ])  # fmt: skip
    reached = given >= thresholds - 1e-6
    confident = np.where(reached.any(1), np.where(reached, given, -1.0).argmax(1), -1)
    chosen = confident >= 0
    pairs = labels[chosen] * k + confident[chosen]
    counts = np.bincount(pairs, minlength=k * k).reshape(k, k)
    return ConfidentJoint(thresholds, counts, _calibrated(counts, labels, k), confident)


def label_errors(probabilities: NDArray[np.floating], labels: Ints, joint: ConfidentJoint) -> Mask:
    """Return the label errors by "prune by noise rate and class" (PBNR and PBC both), (n,).

    For each pair of classes the faces with the largest margin between the other class and the label are
    taken, as many as the joint estimates; and for each class those with the lowest probability of their
    label. A face in both sets is an error.

    Args:
        probabilities: As in `confident_joint`.
        labels: As in `confident_joint`.
        joint: From `confident_joint`.
    """
    given = np.asarray(probabilities, np.float64)
    return by_noise_rate(given, labels, joint) & by_class(given, labels, joint)


def by_noise_rate(given: Floats, labels: Ints, joint: ConfidentJoint) -> Mask:
    """Return the faces with the largest margins of each pair of label and other class, (n,)."""
    n, k = given.shape
    wanted = _whole_counts(joint.joint, labels)
    own = given[np.arange(n), labels]
    found = np.zeros(n, bool)
    for label in range(k):
        rows = np.flatnonzero(labels == label)
        for other in range(k):
            count = 0 if other == label else int(wanted[label, other])
            if count:
                margin = given[rows, other] - own[rows]
                found[rows[np.argsort(-margin, kind="stable")[:count]]] = True
    return np.asarray(found & (given.argmax(1) != labels), np.bool_)


def by_class(given: Floats, labels: Ints, joint: ConfidentJoint) -> Mask:
    """Return the faces with the lowest probability of their label in each class, (n,)."""
    n, k = given.shape
    wanted = _whole_counts(joint.joint, labels)
    found = np.zeros(n, bool)
    for label in range(k):
        rows = np.flatnonzero(labels == label)
        count = int(wanted[label].sum() - wanted[label, label])
        found[rows[np.argsort(given[rows, label], kind="stable")[:count]]] = True
    return np.asarray(found & (given.argmax(1) != labels), np.bool_)


def _calibrated(counts: Ints, labels: Ints, k: int) -> Floats:
    """Scale each row of the counts to the number of faces with that label, and all to sum 1."""
    of_label = np.bincount(labels, minlength=k).astype(np.float64)
    rows = counts.sum(1, keepdims=True)
    shares = np.divide(counts, rows, out=np.eye(k), where=rows > 0)
    scaled = shares * of_label[:, None]
    return np.asarray(scaled / max(scaled.sum(), 1.0), np.float64)


def _whole_counts(joint: Floats, labels: Ints) -> Ints:
    """Return the estimated faces by label and true class, (k, k), rounded."""
    counts: Ints = np.rint(joint * len(labels)).astype(np.int64)
    return counts
