"""Correction of p-values for multiple tests."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p-values adjusted by Holm's step-down method (Holm 1979), in the order given.

    It controls the probability of one false rejection or more, whatever the dependence of the tests. An
    adjusted value is compared with the level of all tests together.

    Args:
        p_values: (n,), 0 to 1; n may be 0.
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(1.0, steps)
    return adjusted
