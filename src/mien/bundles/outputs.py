"""The one check of what a bundle returns, whatever engine runs it."""

from typing import Final

import numpy as np

from mien.errors import BundleError

SUM_TOLERANCE: Final = 0.05
"""Largest difference of a sum of probabilities from 1: bfloat16 rounds a thousand of them to 8 bits."""

_ROUNDING: Final = 0.01
"""Largest difference of a probability from 0 to 1 by rounding."""


def check_probabilities(found: object, shape: tuple[int, ...], name: str) -> None:
    """Check that an output of a bundle has a distribution over the classes for each face.

    Args:
        found: The output.
        shape: (n, classes), as expected.
        name: Name of the bundle, for the error.

    Raises:
        BundleError: It isn't an array of that shape, a number is not finite or not in 0 to 1, or a row
            doesn't sum to 1.
    """
    array = _checked(found, shape, name, "probabilities")
    outside = ~((array >= -_ROUNDING) & (array <= 1 + _ROUNDING))
    if outside.any():
        raise BundleError(
            f"bundle {name}: its graph returned the probability {array[outside][0]:.6g}, expected 0 to 1"
        )
    sums = array.sum(axis=1)
    if (np.abs(sums - 1) > SUM_TOLERANCE).any():
        wrong = sums[np.abs(sums - 1).argmax()]
        raise BundleError(
            f"bundle {name}: its graph returned probabilities that sum to {wrong:.6g}, expected 1"
        )


def check_logits(found: object, shape: tuple[int, ...], name: str) -> None:
    """Check that an output of a bundle has finite logits for each face; see `check_probabilities`.

    Raises:
        BundleError: It isn't an array of that shape, or a number is not finite.
    """
    _checked(found, shape, name, "logits")


def _checked(
    found: object, shape: tuple[int, ...], name: str, what: str
) -> np.ndarray[tuple[int, ...], np.dtype]:
    if not isinstance(found, np.ndarray) or found.dtype.kind != "f":
        kind = found.dtype if isinstance(found, np.ndarray) else type(found).__name__
        raise BundleError(f"bundle {name}: its graph returned {what} of type {kind}, expected floats")
    if found.shape != shape:  # NumPy would broadcast another shape
        raise BundleError(
            f"bundle {name}: the graph returned {what} of the shape {found.shape}, expected {shape}"
        )
    if not np.isfinite(found).all():
        raise BundleError(f"bundle {name}: its graph returned {what} that are not finite")
    return found
