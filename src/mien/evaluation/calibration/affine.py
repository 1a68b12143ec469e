"""Vector scaling: a scale and a bias of each class (Guo et al. 2017, section 4.2).

    probabilities = softmax(scale * log_softmax(logits) + bias)

The penalized log loss is convex in both, so Newton's method finds the only minimum.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.bundles.calibration import log_softmax
from mien.evaluation.calibration.temperature import MAX_TEMPERATURE, fit_temperature

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]
Float64 = NDArray[np.float64]

MAX_STEPS: Final = 30
"""Newton steps; five to eight reach the precision of a float."""

MAX_HALVINGS: Final = 30
"""Of a step that does not reduce the loss."""

MIN_SCALE: Final = 1 / MAX_TEMPERATURE
"""Smaller and negative scales occur for classes with hardly any faces, and are raised to this."""

PRECISION: Final = 1e-10
"""Smaller reductions of the loss end the search."""


class Affine(NamedTuple):
    """Scales (classes,) and biases (classes,) of the log probabilities."""

    scale: Float64
    bias: Float64


def fit_vector_scaling(logits: Floats, labels: Ints) -> Affine:
    """Return the scale and the bias of each class that minimize the penalized log loss.

    Each scale has a normal prior with mean 1, each bias one with mean 0; both have standard deviation 1 and
    weigh as much as one face. The search is Newton's method, from temperature scaling.

    Args:
        logits: (n, classes), finite.
        labels: (n,), the true classes.
    """
    loss = _Loss(logits, labels)
    start = 1 / fit_temperature(logits, labels)
    values = np.concatenate([np.full(loss.classes, start), np.zeros(loss.classes)])
    current = loss.value(values)
    for _ in range(MAX_STEPS):
        step = np.linalg.solve(loss.hessian(values), loss.gradient(values)).astype(np.float64)
        values, previous = _shortened(loss, values, step, current), current
        current = loss.value(values)
        if previous - current < PRECISION:
            break
    return Affine(np.maximum(values[: loss.classes], MIN_SCALE), values[loss.classes :])


def _shortened(loss: "_Loss", values: Float64, step: Float64, current: float) -> Float64:
    """Return the values after the longest of 1, 1/2, 1/4 ... steps that does not increase the loss."""
    for _ in range(MAX_HALVINGS):
        if loss.value(values - step) <= current:
            return values - step
        step = step / 2
    return values


class _Loss:
    """The penalized log loss as a function of scales and biases, with its derivatives."""

    def __init__(self, logits: Floats, labels: Ints) -> None:
        self.logits = log_softmax(logits)
        self.n, self.classes = logits.shape
        self.hits = np.zeros_like(self.logits)
        self.hits[np.arange(self.n), labels] = 1
        self.prior = np.concatenate([np.ones(self.classes), np.zeros(self.classes)])

    def value(self, values: Float64) -> float:
        scores = self._scores(values)
        top = scores.max(axis=1)
        normalizer = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
        of_label = (scores * self.hits).sum(axis=1)
        return float((normalizer - of_label).mean() + ((values - self.prior) ** 2).sum() / (2 * self.n))

    def gradient(self, values: Float64) -> Float64:
        excess = self._probabilities(values) - self.hits
        both = np.concatenate([(excess * self.logits).sum(axis=0), excess.sum(axis=0)])
        gradient: Float64 = (both + values - self.prior) / self.n
        return gradient

    def hessian(self, values: Float64) -> Float64:
        """Return the sum of J^T (diag(p) - p p^T) J over the faces, for the scores' Jacobians J."""
        p = self._probabilities(values)
        weighted = p * self.logits
        diagonal, cross = np.diag((weighted * self.logits).sum(axis=0)), np.diag(weighted.sum(axis=0))
        outer = np.concatenate([weighted, p], axis=1)
        direct = np.block([[diagonal, cross], [cross.T, np.diag(p.sum(axis=0))]])
        hessian: Float64 = (direct - outer.T @ outer + np.eye(len(values))) / self.n
        return hessian

    def _scores(self, values: Float64) -> Float64:
        scores: Float64 = self.logits * values[: self.classes] + values[self.classes :]
        return scores

    def _probabilities(self, values: Float64) -> Float64:
        scores = self._scores(values)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: Float64 = odds / odds.sum(axis=1, keepdims=True)
        return probabilities
