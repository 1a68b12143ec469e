"""Ranks of several systems on the same faces with their uncertainty, and agreement. Pure numpy."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Masks = NDArray[np.bool_]
Floats = NDArray[np.float64]

DRAWS: Final = 10_000
"""Bootstrap samples."""

_BLOCK: Final = 4_000_000
"""Counts in memory at a time: samples times different rows."""


def ranks(scores: NDArray[np.number]) -> NDArray[np.int64]:
    """Return the rank of each score, 1 for the highest; equal scores share the better rank.

    Args:
        scores: (..., systems).

    Returns:
        int64, as `scores`.
    """
    higher: NDArray[np.int64] = (scores[..., None, :] > scores[..., :, None]).sum(axis=-1) + 1
    return higher


def rank_probabilities(correct: Masks, *, seed: int = 0, draws: int = DRAWS) -> Floats:
    """Return how often each system has each rank when the faces are resampled, (systems, ranks).

    Faces are resampled with replacement for all systems together, which keeps their pairing. Only how many
    faces each combination of systems classifies correctly matters, so a sample is one multinomial draw.

    Args:
        correct: (systems, faces), the faces that each system classifies correctly.
        seed: Of the random generator.
        draws: Number of samples.
    """
    systems, n = correct.shape
    if n == 0:
        raise ValueError("no faces to rank systems on")
    patterns, counts = np.unique(correct, axis=1, return_counts=True)
    random, found = np.random.default_rng(seed), np.zeros((systems, systems))
    step = max(1, _BLOCK // len(counts))
    for start in range(0, draws, step):
        samples = random.multinomial(n, counts / n, min(step, draws - start))
        drawn = ranks(samples @ patterns.T.astype(np.int64))
        for system in range(systems):
            found[system] += np.bincount(drawn[:, system] - 1, minlength=systems)
    return found / draws


def rank_interval(probabilities: Floats, share: float = 0.95) -> tuple[int, int]:
    """Return the lowest and the highest rank of the central `share` of the samples.

    Args:
        probabilities: (ranks,), of one system.
        share: 0 to 1.
    """
    tail, below = (1 - share) / 2, np.cumsum(probabilities)
    low = int(np.searchsorted(below, tail, side="right"))
    high = int(np.searchsorted(below, 1 - tail - 1e-9))
    return low + 1, min(high, len(probabilities) - 1) + 1


def agreement(predicted: NDArray[np.int64]) -> Floats:
    """Return the share of faces for which two systems predict the same class, (systems, systems).

    Args:
        predicted: (systems, faces).
    """
    same: Floats = (predicted[:, None, :] == predicted[None, :, :]).mean(axis=2)
    return same
