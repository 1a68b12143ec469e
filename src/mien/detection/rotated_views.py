"""A picture as a detector looks at it, scaled and turned, and the way back to its own pixels."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.box import Box

_THINNEST: Final = 64
"""Pixels that the short side has at least: a picture of 1 by 5,000 is no reason to fail."""


@dataclass(frozen=True)
class Look:
    """What a detector is shown.

    Attributes:
        image: The picture, scaled and turned; as many channels as it has.
        back: The map (2, 3) from a point in `image` to one in the picture.
        scale: Pixels of the picture that one of `image` is wide and high.
    """

    image: NDArray[np.uint8]
    back: NDArray[np.float64]
    scale: tuple[float, float]

    def box(self, left: float, top: float, width: float, height: float) -> Box:
        """Return a box in `image` as one in the picture, turned upright around its middle."""
        x, y = self.back @ (left + width / 2, top + height / 2, 1.0)
        across, along = width * self.scale[0], height * self.scale[1]
        return Box(float(x - across / 2), float(y - along / 2), float(across), float(along))


def look_at(picture: NDArray[np.uint8], longest: int, tilt: float = 0.0) -> Look:
    """Return the picture with `longest` pixels along its longer side, turned back by `tilt`.

    Args:
        picture: uint8 (height, width) or (height, width, 3).
        longest: Longer side in pixels, before turning.
        tilt: Degrees; heads that are turned clockwise by so much are upright in the look.
    """
    small = _scaled(picture, longest)
    across, along = picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0]
    turned, back = _turned_back(small, tilt)
    return Look(turned, np.diag([across, along]) @ back, (across, along))


def part_around(picture: NDArray[np.uint8], box: Box) -> tuple[NDArray[np.uint8], int, int]:
    """Return the part of the picture twice as long as a box around it, and its left and top."""
    reach = max(box.width, box.height)
    left, right = _within(box.left + box.width / 2, reach, picture.shape[1])
    top, bottom = _within(box.top + box.height / 2, reach, picture.shape[0])
    return picture[top:bottom, left:right], left, top


def _within(middle: float, reach: float, size: int) -> tuple[int, int]:
    """From where to where pixels lie at most `reach` from `middle`; at least one pixel."""
    start = math.floor(min(max(middle - reach, 0), size - 1))
    return start, max(math.ceil(min(middle + reach, size)), start + 1)


def _scaled(picture: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    factor = longest / max(height, width)
    size = (max(round(width * factor), _THINNEST), max(round(height * factor), _THINNEST))
    if size == (width, height):
        return picture
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=method), np.uint8)


def _turned_back(image: NDArray[np.uint8], tilt: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The image turned counterclockwise by `tilt`, all of it, and the map (2, 3) from there back."""
    if not tilt:
        return image, np.eye(2, 3)
    height, width = image.shape[:2]
    cos, sin = abs(math.cos(math.radians(tilt))), abs(math.sin(math.radians(tilt)))
    columns, rows = math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
    matrix[:, 2] += (columns - width) / 2, (rows - height) / 2
    # Boxes count from the borders of pixels, OpenCV warps from their middles.
    middles = matrix + np.column_stack([np.zeros((2, 2)), matrix[:, :2] @ (0.5, 0.5) - 0.5])
    turned = cv2.warpAffine(image, middles, (columns, rows), borderValue=cv2.mean(image))
    return np.asarray(turned, np.uint8), np.asarray(cv2.invertAffineTransform(matrix), np.float64)
