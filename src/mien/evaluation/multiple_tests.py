"""Correction of p-values for multiple tests."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p_values: ArrayLike, weights: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Return p-values adjusted by Holm's weighted step-down method (Holm 1979), in the order given.

    It controls the probability of one false rejection or more, whatever the dependence of the tests. An
    adjusted value is compared with the level of all tests together.

    Args:
        p_values: (n,), 0 to 1; n may be 0.
        weights: (n,), positive: the proportions of the level that the tests get; equal by default.
    """
    values = np.asarray(p_values, np.float64)
    shares = np.broadcast_to(np.asarray(weights, np.float64), values.shape)
    order = np.argsort(values / shares, kind="stable")
    left = np.cumsum(shares[order][::-1])[::-1]
    steps = np.maximum.accumulate((values / shares)[order] * left)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(1.0, steps)
    return adjusted
