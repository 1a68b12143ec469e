"""Deletion and insertion curves (Petsiuk et al. 2018): how a probability changes along the ranking of a map.

A faithful map finds the pixels that the prediction needs: hiding them first lowers the probability soon,
showing them first raises it soon. Random smooth maps are the baseline.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.explanation.base import Model
from mien.explanation.perturbation import Masks, blends, mean_face
from mien.text import counted

STEPS: Final = 16
"""Parts of the face that are hidden or shown one after the other."""

BLUR: Final = 1 / 8
"""Standard deviation of the blurred face where insertion begins, in sides of the face."""

SMOOTHNESS: Final = 1 / 8
"""Standard deviation of the blur of random maps, in sides of the face."""


@dataclass(frozen=True, eq=False)
class Curves:
    """Probabilities of the explained class while the face is hidden, and while it is shown.

    Attributes:
        shares: (steps + 1,), share of the pixels that are hidden or shown, 0 to 1.
        deletion: (n, steps + 1), the most salient pixels are replaced by the mean level first.
        insertion: (n, steps + 1), they replace those of a blurred face first.
    """

    shares: NDArray[np.float64]
    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]

    @property
    def deletion_area(self) -> NDArray[np.float64]:
        """Area under each deletion curve, (n,), 0 to 1: lower is better."""
        return _areas(self.deletion, self.shares)

    @property
    def insertion_area(self) -> NDArray[np.float64]:
        """Area under each insertion curve, (n,), 0 to 1: higher is better."""
        return _areas(self.insertion, self.shares)


def curves(
    model: Model,
    faces: NDArray[np.uint8],
    targets: NDArray[np.int64],
    maps: NDArray[np.floating],
    steps: int = STEPS,
) -> Curves:
    """Return the deletion and insertion curves of maps.

    Args:
        model: What classifies the faces.
        faces: uint8, (n, *input_shape).
        targets: int64, (n,): the class of each map.
        maps: (n, size, size).
        steps: Number of steps.

    Raises:
        MienError: The shapes don't fit.
    """
    if maps.shape != (len(faces), model.size, model.size) or targets.shape != (len(faces),):
        raise MienError(
            f"maps {maps.shape} and targets {targets.shape}, expected a map of {model.size}x{model.size} and "
            f"a class for each of {counted(len(faces), 'face')}"
        )
    deletion, insertion = np.empty((2, len(faces), steps + 1))
    for at, (face, target, saliency) in enumerate(zip(faces, targets, maps, strict=True)):
        shown = _shown(saliency, steps)
        deletion[at] = blends(model, face, mean_face(face), 1 - shown)[:, target]
        insertion[at] = blends(model, face, _blurred(face), shown)[:, target]
    return Curves(np.linspace(0, 1, steps + 1), deletion, insertion)


def random_maps(count: int, size: int, seed: int = 0) -> NDArray[np.float32]:
    """Return smooth random maps, float32 (count, size, size)."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, size, size)).astype(np.float32)
    blurred = [cv2.GaussianBlur(one, (0, 0), SMOOTHNESS * size) for one in noise]
    return np.array(blurred, np.float32).reshape(count, size, size)


def _shown(saliency: NDArray[np.floating], steps: int) -> Masks:
    """Return masks (steps + 1, size, size) in which ever more of the most salient pixels are 1."""
    order = np.argsort(-saliency.reshape(-1), kind="stable")
    rank = np.empty(order.size, np.int64)
    rank[order] = np.arange(order.size)
    limits = np.linspace(0, order.size, steps + 1).round()
    return (rank < limits[:, None]).reshape(-1, *saliency.shape).astype(np.float32)


def _blurred(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(face.astype(np.float32), (0, 0), BLUR * len(face))
    return np.asarray(blurred, np.float32)


def _areas(values: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.trapezoid(values, shares, axis=1))
