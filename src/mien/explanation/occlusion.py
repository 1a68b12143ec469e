"""Occlusion (Zeiler and Fergus 2014, arXiv 1311.2901): a square hides each part of the face in turn."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mien.explanation.base import Maps, Model, picked, require_targets
from mien.explanation.perturbation import Masks, probabilities_under


@dataclass(frozen=True)
class Occlusion:
    """Saliency is the loss of probability when a pixel is hidden.

    A square of the face's mean level is shown at each position of a regular grid. A pixel gets the mean, over
    the squares that cover it, of the probability of the whole face minus that of the hidden one.

    Attributes:
        share: Side of the square, in sides of the face; more if the positions would leave gaps.
        positions: Of the square along each axis; their square is the number of predictions for each face.
    """

    share: float = 1 / 6
    positions: int = 11

    needs_network: ClassVar[bool] = False
    unit: ClassVar[str] = "loss of probability when hidden"

    def __call__(self, model: Model, faces: NDArray[np.uint8], targets: NDArray[np.int64]) -> Maps:
        """Return the maps, float32 (n, k, size, size); see `Method`."""
        require_targets(model, faces, targets)
        masks = self.masks(model.size)
        hidden = (1 - masks).reshape(len(masks), -1).astype(np.float64)
        maps = np.empty((*targets.shape, *masks.shape[1:]), np.float32)
        whole = picked(model.predict(faces), targets)
        for face, target, before, own in zip(faces, targets, whole, maps, strict=True):
            after = probabilities_under(model, face, masks)[:, target]
            mean = (before - after).T @ hidden / hidden.sum(axis=0)
            own[:] = mean.reshape(own.shape)
        return maps

    def masks(self, size: int) -> Masks:
        """Return a mask for each position of the square, float32 (positions², size, size)."""
        side = min(size, max(round(self.share * size), -(-size // self.positions)))
        starts = np.unique(np.linspace(0, size - side, self.positions).round().astype(int))
        masks = np.ones((len(starts) ** 2, size, size), np.float32)
        for mask, (top, left) in zip(masks, np.ndindex(len(starts), len(starts)), strict=True):
            mask[starts[top] : starts[top] + side, starts[left] : starts[left] + side] = 0
        return masks
