"""Preparation: the one definition of a face's way into a network.

Training, evaluation, export and prediction all come through here; it needs numpy and OpenCV only.
"""

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.config.data import Preprocess

if TYPE_CHECKING:
    from torch import Tensor

_LEAST_DEVIATION: Final = 0.02
"""In gray levels of 0..1: a face that hardly differs from an even gray isn't blown up to noise."""


def equalize(images: NDArray[np.uint8], preprocess: Preprocess) -> NDArray[np.uint8]:
    """Return the images with CLAHE applied to each, or as they are where the recipe has none.

    Args:
        images: uint8, (n, side, side).
        preprocess: The recipe's preparation.
    """
    if preprocess.clahe is None:
        return images
    tiles = (preprocess.clahe.tiles, preprocess.clahe.tiles)
    clahe = cv2.createCLAHE(clipLimit=preprocess.clahe.clip_limit, tileGridSize=tiles)
    equalized = np.empty_like(images)
    for position, image in enumerate(images):
        equalized[position] = clahe.apply(image)
    return equalized


def standardize(faces: "Tensor", preprocess: Preprocess) -> "Tensor":
    """Return gray levels of 0..1, float (n, 1, side, side), as a network wants them."""
    if not preprocess.per_image:
        return (faces - preprocess.mean) / preprocess.std
    centered = faces - faces.mean((2, 3), keepdim=True)
    variance = (centered * centered).mean((2, 3), keepdim=True)
    return centered / (variance + _LEAST_DEVIATION**2).sqrt()
