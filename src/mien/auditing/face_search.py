"""Whether MTCNN finds a face anywhere in an image: small, tilted and partly covered faces, too.

All three networks must agree, so it finds a face in almost no object, text or noise, and a score of the whole
image that is low by mistake can be corrected.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicate_candidates import SIDE
from mien.data.near_duplicates import gray_images
from mien.detection.mtcnn.files import read_networks
from mien.detection.mtcnn.network import MtcnnNetworks, open_mtcnn

ANGLES: Final = (0, -35, 35)
"""Degrees by which the image is rotated, in this order, until a face is found."""

MARGIN: Final = SIDE // 4
"""Pixels that are added to each side: the border is repeated."""

VIEW: Final = 144
"""Side of the image that is searched, in pixels."""

LEAST_FACE: Final = 24
"""Side of the smallest face in the view: an eighth of the image."""


def shows_face(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return whether MTCNN finds a face in each image, (n,).

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).

    Raises:
        DetectorError: The networks of MTCNN are missing.
    """
    networks = MtcnnNetworks(open_mtcnn(read_networks()))
    return np.array(
        [
            any(len(networks(_view(image, angle), LEAST_FACE).scores) for angle in ANGLES)
            for image in gray_images(images)
        ],
        bool,
    )


def _view(gray: NDArray[np.uint8], angle: float) -> NDArray[np.uint8]:
    """Return an enlarged and rotated image with a margin, (VIEW, VIEW, 3)."""
    side = SIDE + 2 * MARGIN
    center = (SIDE - 1) / 2
    matrix = np.asarray(cv2.getRotationMatrix2D((center, center), angle, VIEW / side), np.float64)
    matrix[:, 2] += (VIEW - SIDE) / 2
    flags, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
    view = cv2.warpAffine(gray, matrix, (VIEW, VIEW), flags=flags, borderMode=border)
    return np.asarray(cv2.cvtColor(view, cv2.COLOR_GRAY2RGB), np.uint8)
