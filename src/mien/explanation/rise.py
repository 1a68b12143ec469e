"""RISE (Petsiuk et al. 2018, arXiv 1806.07421): random masks hide about half of the face at a time."""

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.explanation.base import Maps, Model, require_targets
from mien.explanation.perturbation import Masks, probabilities_under


@dataclass(frozen=True)
class Rise:
    """Saliency is the gain of probability when a pixel is visible, over random masks of the rest.

    The paper takes the mean probability over the masks that show a pixel. Here the map is the slope of the
    regression of the probability on the visibility of the pixel, so that 0 means no effect, and each mask is
    used with its negative; both lower the variance, and the ranking of the pixels estimates the same.

    Attributes:
        count: Number of masks, even: the number of predictions for each face.
        cells: Of a random grid along each axis, which is enlarged to a smooth mask.
        seed: Of the masks.
    """

    count: int = 300
    cells: int = 7
    seed: int = 0

    needs_network: ClassVar[bool] = False
    unit: ClassVar[str] = "gain of probability when visible"

    def __call__(self, model: Model, faces: NDArray[np.uint8], targets: NDArray[np.int64]) -> Maps:
        """Return the maps, float32 (n, k, size, size); see `Method`."""
        require_targets(model, faces, targets)
        masks = self.masks(model.size)
        flat = masks.reshape(len(masks), -1).astype(np.float64)
        flat -= flat.mean(axis=0)
        spread = np.maximum((flat * flat).sum(axis=0), np.finfo(np.float64).tiny)
        maps = np.empty((*targets.shape, *masks.shape[1:]), np.float32)
        for face, target, own in zip(faces, targets, maps, strict=True):
            found = probabilities_under(model, face, masks)[:, target].astype(np.float64)
            slopes = (found - found.mean(axis=0)).T @ flat / spread
            own[:] = slopes.reshape(own.shape)
        return maps

    def masks(self, size: int) -> Masks:
        """Return the masks, float32 (count, size, size): enlarged random grids at random shifts."""
        rng = np.random.default_rng(self.seed)
        cell = -(-size // self.cells)
        wide = (self.cells + 1) * cell
        half = np.empty((max(1, self.count // 2), size, size), np.float32)
        for mask in half:
            grid = (rng.random((self.cells + 1, self.cells + 1)) < 0.5).astype(np.float32)
            top, left = rng.integers(0, wide - size + 1, 2)
            large = cv2.resize(grid, (wide, wide), interpolation=cv2.INTER_LINEAR)
            mask[:] = large[top : top + size, left : left + size]
        return np.concatenate([half, 1 - half])
