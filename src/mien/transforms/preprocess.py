"""Preprocessing: the one definition of how faces become the input of a network.

Training, evaluation, export and prediction all use it; it needs numpy and OpenCV only.
"""

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.config.data import Preprocess

if TYPE_CHECKING:
    from torch import Tensor

_LEAST_DEVIATION: Final = 0.02
"""Added to the deviation of an image, in levels of 0..1, so that a nearly constant one isn't amplified."""


def equalize(images: NDArray[np.uint8], preprocess: Preprocess) -> NDArray[np.uint8]:
    """Return the images with CLAHE applied to each, or unchanged if the recipe has none.

    In color, the luma of YCrCb is equalized and the hues stay.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).
        preprocess: The recipe's preprocessing.
    """
    if preprocess.clahe is None:
        return images
    tiles = (preprocess.clahe.tiles, preprocess.clahe.tiles)
    clahe = cv2.createCLAHE(clipLimit=preprocess.clahe.clip_limit, tileGridSize=tiles)
    equalized = np.empty_like(images)
    for position, image in enumerate(images):
        equalized[position] = clahe.apply(image) if image.ndim == 2 else _luma_equalized(image, clahe)
    return equalized


def standardize(faces: "Tensor", preprocess: Preprocess) -> "Tensor":
    """Return levels of 0..1, float (n, channels, size, size), standardized as the recipe says.

    Per-image standardization is over all pixels and channels of an image. Other means and deviations are
    one for all channels, or one per channel.
    """
    if not preprocess.per_image:
        return (faces - _per_channel(preprocess.mean, faces)) / _per_channel(preprocess.std, faces)
    axes = (2, 3) if faces.shape[1] == 1 else (1, 2, 3)
    centered = faces - faces.mean(axes, keepdim=True)
    variance = (centered * centered).mean(axes, keepdim=True)
    return centered / (variance + _LEAST_DEVIATION**2).sqrt()


def _luma_equalized(image: NDArray[np.uint8], clahe: cv2.CLAHE) -> NDArray[np.uint8]:
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    luma[..., 0] = clahe.apply(np.ascontiguousarray(luma[..., 0]))
    return np.asarray(cv2.cvtColor(luma, cv2.COLOR_YCrCb2RGB), np.uint8)


def _per_channel(value: "float | tuple[float, float, float]", faces: "Tensor") -> "float | Tensor":
    return faces.new_tensor(value)[:, None, None] if isinstance(value, tuple) else value
