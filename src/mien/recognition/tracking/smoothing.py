"""Smoothing of probabilities over time, for each track on its own."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

MAX_AGE: Final = 10.0
"""Seconds after which a track that was not detected is removed; its number is never used again."""


class Smoother:
    """Averages probabilities exponentially over time.

    A new value has the weight 1 - exp(-dt / tau), where dt is the time since the last value of the
    track, so the result doesn't depend on the frame rate.

    Args:
        tau: Time constant in seconds, after which 63 % of a step have been reached. 0 is off.
    """

    def __init__(self, tau: float) -> None:
        self._tau = tau
        self._means: dict[int, tuple[float, NDArray[np.float64]]] = {}

    def __call__(
        self, tracks: Sequence[int], probabilities: NDArray[np.floating], time: float
    ) -> NDArray[np.float64]:
        """Return smoothed probabilities (n, classes), rows summing to 1.

        Args:
            tracks: The track number of each of n faces.
            probabilities: (n, classes), rows summing to 1.
            time: Of the frame, in seconds.
        """
        for track, row in zip(tracks, np.asarray(probabilities, np.float64), strict=True):
            self._means[track] = (time, self._mean(track, row, time))
        self._means = {track: mean for track, mean in self._means.items() if time - mean[0] <= MAX_AGE}
        smoothed = [self._means[track][1] for track in tracks]
        return np.stack(smoothed) if smoothed else np.asarray(probabilities, np.float64)

    def _mean(self, track: int, row: NDArray[np.float64], time: float) -> NDArray[np.float64]:
        if self._tau <= 0 or track not in self._means:
            return row
        before, mean = self._means[track]
        moved: NDArray[np.float64] = mean + (row - mean) * -math.expm1(-(time - before) / self._tau)
        moved /= moved.sum()
        return moved
