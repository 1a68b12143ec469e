"""Faithfulness of maps: tests from the literature on the faces that were explained.

- Deletion and insertion (Petsiuk et al. 2018): the map finds what the prediction needs, better than chance.
- Randomized weights (Adebayo et al. 2018, arXiv 1810.03292): the map of an untrained network differs. A
  method whose maps stay the same detects edges, whatever was learned.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.explanation.base import Method, Model
from mien.explanation.curves import curves, random_maps
from mien.text import counted

SIMILAR: Final = 0.5
"""Mean rank correlation with the maps of randomized weights from which on a method is suspect."""


@dataclass(frozen=True)
class MapChecks:
    """Means over the faces.

    Attributes:
        faces: Number of faces.
        deletion: Area under the deletion curve, 0 to 1: lower is better.
        random_deletion: The same for random maps.
        insertion: Area under the insertion curve, 0 to 1: higher is better.
        random_insertion: The same for random maps.
        randomized: Rank correlation (Spearman) of a map with that of the same face and class after the
            weights were randomized, -1 to 1: near 0 is expected. None if the weights can't be randomized.
    """

    faces: int
    deletion: float
    random_deletion: float
    insertion: float
    random_insertion: float
    randomized: float | None

    @property
    def passed(self) -> bool:
        """Whether the maps are better than random ones, and depend on the weights."""
        is_better = self.deletion < self.random_deletion and self.insertion > self.random_insertion
        return is_better and (self.randomized is None or self.randomized < SIMILAR)

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        words = (
            f"deletion {self.deletion:.3f} (random maps {self.random_deletion:.3f}, lower is better), "
            f"insertion {self.insertion:.3f} ({self.random_insertion:.3f}, higher is better)"
        )
        if self.randomized is not None:
            words += f", correlation with the maps of randomized weights {self.randomized:+.2f} (0 expected)"
        return f"{'Passed' if self.passed else 'Not passed'} on {counted(self.faces, 'face')}: {words}."


def check_maps(
    model: Model,
    method: Method,
    faces: NDArray[np.uint8],
    targets: NDArray[np.int64],
    maps: NDArray[np.floating],
    *,
    seed: int = 0,
) -> MapChecks:
    """Return how faithful maps are.

    Args:
        model: What was explained.
        method: What made the maps.
        faces: uint8, (n, *input_shape), at least one.
        targets: int64, (n,): the class of each map.
        maps: (n, size, size).
        seed: Of the random maps and the randomized weights.

    Raises:
        MienError: There are no faces, or the shapes don't fit.
    """
    if not len(faces):
        raise MienError("no faces to check maps on")
    found = curves(model, faces, targets, maps)
    chance = curves(model, faces, targets, random_maps(len(faces), model.size, seed))
    return MapChecks(
        faces=len(faces),
        deletion=float(found.deletion_area.mean()),
        random_deletion=float(chance.deletion_area.mean()),
        insertion=float(found.insertion_area.mean()),
        random_insertion=float(chance.insertion_area.mean()),
        randomized=_similarity_to_randomized(model, method, faces, targets, maps, seed),
    )


def rank_correlations(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the rank correlation (Spearman) of each pair of maps, (n,); 0 where a map is constant.

    Args:
        one: (n, size, size).
        other: The same shape.
    """
    ranks = [_ranks(maps.reshape(len(maps), -1)) for maps in (one, other)]
    centered = [rows - rows.mean(axis=1, keepdims=True) for rows in ranks]
    norms = np.sqrt((centered[0] ** 2).sum(axis=1) * (centered[1] ** 2).sum(axis=1))
    return np.asarray((centered[0] * centered[1]).sum(axis=1) / np.where(norms > 0, norms, np.inf))


def _similarity_to_randomized(
    model: Model,
    method: Method,
    faces: NDArray[np.uint8],
    targets: NDArray[np.int64],
    maps: NDArray[np.floating],
    seed: int,
) -> float | None:
    if model.randomize is None:
        return None
    others = method(model.randomize(seed), faces, targets[:, None])[:, 0]
    return float(rank_correlations(maps, others).mean())


def _ranks(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the rank of each value in its row; equal values share their mean rank."""
    found = np.empty(rows.shape)
    for row, own in zip(rows, found, strict=True):
        _, group, counts = np.unique(row, return_inverse=True, return_counts=True)
        own[:] = (np.cumsum(counts) - (counts - 1) / 2)[group]
    return found
