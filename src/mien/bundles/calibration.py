"""Calibration: the map from logits to calibrated probabilities that is part of a bundle's graph.

    log probabilities -> scale and bias -> softmax -> monotone map of the confidence

The last step replaces the highest probability of a face, its confidence, and scales the others so that the
sum stays 1. It never changes which class is the most probable one. Each method sets some of these numbers.
`mien.evaluation.calibration` fits them, `mien.exporting.calibration` adds them to a graph, and `calibrated`
computes the same with numpy.
"""

from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mien.config.base import Fraction, Strict
from mien.text import counted

TEMPERATURE: Final = "temperature"
"""Temperature scaling: one scale, 1 / T (Guo et al. 2017)."""


MARGIN: Final = 1e-5
"""By which the highest probability exceeds the second, more than the rounding errors of float32."""

SMALLEST: Final = 1e-12
"""Least divisor, for faces whose confidence is 1."""


class MethodScores(Strict):
    """Out-of-fold metrics of one method of calibration on the validation split."""

    method: str
    log_loss: float
    """In nats."""
    calibration_error: Fraction
    """Expected calibration error (ECE)."""


class Calibration(Strict):
    """The numbers of a calibration of k classes."""

    method: str = TEMPERATURE
    scale: tuple[float, ...] = Field(default=(1.0,), min_length=1)
    """Factors of the log probabilities: one, or one of each class."""
    bias: tuple[float, ...] = ()
    """Added to the scaled log probabilities: none, or one of each class."""
    knots: tuple[Fraction, ...] = ()
    """Confidences from 0 to 1, strictly increasing; the map is linear between them, or the identity if
    there are none."""
    levels: tuple[Fraction, ...] = ()
    """Calibrated confidences at the knots, strictly increasing."""
    logit_adjustment: Fraction = 0
    """Exponent of the class shares by which the probabilities were divided; contained in `bias`."""
    out_of_fold: tuple[MethodScores, ...] = ()
    """Metrics of the methods among which this one was chosen, each measured on folds that it was not fitted
    to; empty if there was no choice."""

    @model_validator(mode="after")
    def _require_map(self) -> Self:
        if len(self.knots) != len(self.levels):
            found = f"{counted(len(self.knots), 'knot')} and {counted(len(self.levels), 'level')}"
            raise ValueError(f"{found}, expected the same number")
        for name, values in (("knots", self.knots), ("levels", self.levels)):
            if any(after <= before for before, after in pairwise(values)):
                raise ValueError(f"{name} that do not increase")
        if self.knots and (self.knots[0], self.knots[-1]) != (0, 1):
            raise ValueError("knots from 0 to 1 expected")
        if min(self.scale) <= 0:
            raise ValueError("a scale that is not positive")
        return self

    def require_classes(self, classes: int) -> None:
        """Check the number of scales and biases.

        Raises:
            ValueError: There is another number of them than 1, or one of each class.
        """
        if len(self.scale) not in (1, classes) or len(self.bias) not in (0, classes):
            raise ValueError(
                f"calibration with {len(self.scale)} scales and {len(self.bias)} biases of {classes} classes"
            )

    @property
    def temperature(self) -> float | None:
        """The divisor of the logits, if that is the whole calibration; None for other methods."""
        is_scaling = len(self.scale) == 1 and not self.bias and not self.knots
        return 1 / self.scale[0] if is_scaling else None


def scaled(temperature: float) -> Calibration:
    """Return temperature scaling."""
    return Calibration(scale=(1 / temperature,))


def calibrated(logits: NDArray[np.floating], calibration: Calibration) -> NDArray[np.float64]:
    """Return calibrated probabilities, (n, classes); rows sum to 1.

    Args:
        logits: (n, classes), finite.
        calibration: The numbers.
    """
    scores = log_softmax(logits) * np.array(calibration.scale)
    if calibration.bias:
        scores = scores + np.array(calibration.bias)
    probabilities = np.exp(log_softmax(scores))
    return with_confidence_map(probabilities, calibration) if calibration.knots else probabilities


def with_confidence_map(probabilities: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    """Return probabilities (n, classes) whose confidence is mapped, and whose order is the same."""
    top = probabilities.max(axis=1, keepdims=True)
    is_top = probabilities >= top
    others = np.where(is_top, 0, probabilities)
    rest, second = others.sum(axis=1, keepdims=True), others.max(axis=1, keepdims=True)
    # Below this, the second class would become the most probable one.
    least = second / np.maximum(rest + second, SMALLEST) + MARGIN
    confidence = np.maximum(np.interp(top, calibration.knots, calibration.levels), least)
    scaled = others * ((1 - confidence) / np.maximum(rest, SMALLEST))
    mapped = np.where(is_top, confidence, scaled)
    found: NDArray[np.float64] = mapped / mapped.sum(axis=1, keepdims=True)
    return found


def log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the logarithm of the softmax of logits (n, classes)."""
    centered = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    found: NDArray[np.float64] = centered - np.log(np.exp(centered).sum(axis=1, keepdims=True))
    return found
