"""Checks of faces, images and detections that callers of a recognizer provide."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.errors import ImageError


def require_faces(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return cropped faces, after a check of their type and shape.

    Raises:
        ImageError: They are not uint8 (n, size, size) or (n, size, size, 3).
    """
    found = f"{faces.dtype} {faces.shape}" if isinstance(faces, np.ndarray) else type(faces).__name__
    is_image = isinstance(faces, np.ndarray) and faces.dtype == np.uint8 and faces.shape[3:] in ((), (3,))
    if not (is_image and faces.ndim >= 3 and faces.shape[1] == faces.shape[2] > 0):
        raise ImageError(
            f"expected faces as uint8, gray (n, size, size) or RGB (n, size, size, 3), got {found}"
        )
    return faces


def require_crops(image: NDArray[np.uint8], detections: Sequence[Detection], framing: Framing | None) -> None:
    """Check an image, and the detections in it that are to be cropped.

    Raises:
        ImageError: They are not an RGB image, uint8 (height, width, 3), a list of detections, and a framing
            or None.
    """
    if not isinstance(detections, list | tuple) or not all(isinstance(one, Detection) for one in detections):
        raise ImageError("crops: expected a list of detections, as a detector returns them")
    if not (isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape[2:] == (3,)):
        raise ImageError("crops: expected an image as an array, RGB uint8 (height, width, 3)")
    if not image.size or not isinstance(framing, Framing | None):
        raise ImageError("crops: expected an image with pixels, and a Framing or None")
