"""An image scaled and rotated for a detector, and the map back to the pixels of the image."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.box import Box

MIN_SIDE: Final = 64
"""Least length of the short side in pixels, so that an image of 1 by 5,000 can be searched, too."""


@dataclass(frozen=True)
class RotatedView:
    """The input of a detector.

    Attributes:
        image: The image, scaled and rotated; with as many channels as it has.
        back: The map (2, 3) from a point in `image` to one in the original image.
        scale: Width and height of a pixel of `image` in pixels of the original image.
        tilt: Degrees by which heads that are upright in `image` are rotated clockwise in the original.
    """

    image: NDArray[np.uint8]
    back: NDArray[np.float64]
    scale: tuple[float, float]
    tilt: float = 0.0

    def box(self, left: float, top: float, width: float, height: float) -> Box:
        """Return a box in `image` as one in the original image, upright around the same center."""
        x, y = self.back @ (left + width / 2, top + height / 2, 1.0)
        across, along = width * self.scale[0], height * self.scale[1]
        return Box(float(x - across / 2), float(y - along / 2), float(across), float(along))

    def points(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return points (n, 2) in `image` as points (n, 2) in the original image."""
        return np.asarray(points @ self.back[:, :2].T + self.back[:, 2], np.float64)


def rotated_view(image: NDArray[np.uint8], longest: int, tilt: float = 0.0) -> RotatedView:
    """Return the image scaled to `longest` pixels along its longer side and rotated back by `tilt`.

    Args:
        image: uint8 (height, width) or (height, width, 3).
        longest: Longer side in pixels, before the rotation.
        tilt: Degrees; heads that are rotated clockwise by this angle are upright in the view.
    """
    small = _scaled(image, longest)
    across, along = image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]
    rotated, back = _rotated_back(small, tilt)
    return RotatedView(rotated, np.diag([across, along]) @ back, (across, along), tilt)


def part_around(image: NDArray[np.uint8], box: Box) -> tuple[NDArray[np.uint8], int, int]:
    """Return the part of an image (height, width, 3) around a box, twice as long, and its left and top."""
    reach = max(box.width, box.height)
    left, right = _within(box.left + box.width / 2, reach, image.shape[1])
    top, bottom = _within(box.top + box.height / 2, reach, image.shape[0])
    return image[top:bottom, left:right], left, top


def _within(center: float, reach: float, size: int) -> tuple[int, int]:
    """Return the range of pixels at most `reach` from `center`; at least one pixel."""
    start = math.floor(min(max(center - reach, 0), size - 1))
    return start, max(math.ceil(min(center + reach, size)), start + 1)


def _scaled(image: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    factor = longest / max(height, width)
    size = (max(round(width * factor), MIN_SIDE), max(round(height * factor), MIN_SIDE))
    if size == (width, height):
        return image
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)


def _rotated_back(image: NDArray[np.uint8], tilt: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the whole image rotated counterclockwise by `tilt`, and the map (2, 3) back."""
    if not tilt:
        return image, np.eye(2, 3)
    height, width = image.shape[:2]
    cos, sin = abs(math.cos(math.radians(tilt))), abs(math.sin(math.radians(tilt)))
    columns, rows = math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
    matrix[:, 2] += (columns - width) / 2, (rows - height) / 2
    # Boxes are measured from the borders of pixels; OpenCV warps from their centers.
    centers = matrix + np.column_stack([np.zeros((2, 2)), matrix[:, :2] @ (0.5, 0.5) - 0.5])
    rotated = cv2.warpAffine(image, centers, (columns, rows), borderValue=cv2.mean(image))
    return np.asarray(rotated, np.uint8), np.asarray(cv2.invertAffineTransform(matrix), np.float64)
