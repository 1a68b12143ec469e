"""Preparation: the one definition of a face's way into a network.

Training, evaluation, export and prediction all come through here; it needs numpy and OpenCV only.
"""

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.config.data import Prepare

if TYPE_CHECKING:
    from torch import Tensor

_LEAST_DEVIATION: Final = 0.02
"""In grey levels of 0..1: a face that hardly differs from an even grey isn't blown up to noise."""


def equalise(images: NDArray[np.uint8], prepare: Prepare) -> NDArray[np.uint8]:
    """Return the images with CLAHE applied to each, or as they are where the recipe has none.

    Args:
        images: uint8, (n, side, side).
        prepare: The recipe's preparation.
    """
    if prepare.clahe is None:
        return images
    tiles = (prepare.clahe.tiles, prepare.clahe.tiles)
    clahe = cv2.createCLAHE(clipLimit=prepare.clahe.clip, tileGridSize=tiles)
    equalised = np.empty_like(images)
    for position, image in enumerate(images):
        equalised[position] = clahe.apply(image)
    return equalised


def standardise(faces: "Tensor", prepare: Prepare) -> "Tensor":
    """Return grey levels of 0..1, float (n, 1, side, side), as a network wants them."""
    if not prepare.per_face:
        return (faces - prepare.mean) / prepare.std
    centred = faces - faces.mean((2, 3), keepdim=True)
    variance = (centred * centred).mean((2, 3), keepdim=True)
    return centred / (variance + _LEAST_DEVIATION**2).sqrt()
