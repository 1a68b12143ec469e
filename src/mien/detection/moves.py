"""Detections in an image that was moved, scaled or turned, as detections in the other image."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.landmarks import Landmarks, Point


def shifted(detection: Detection, right: float, down: float) -> Detection:
    """Return a detection moved by an offset in pixels."""
    left, top, width, height = detection.box
    landmarks = detection.landmarks and detection.landmarks.shifted(right, down)
    return replace(detection, box=Box(left + right, top + down, width, height), landmarks=landmarks)


def scaled(detection: Detection, across: float, along: float) -> Detection:
    """Return a detection in the image enlarged by two factors, horizontally and vertically."""
    left, top, width, height = detection.box
    box = Box(left * across, top * along, width * across, height * along)
    return replace(detection, box=box, landmarks=_mapped(detection, lambda x, y: (x * across, y * along)))


def turned(image: NDArray[np.uint8], quarters: int) -> NDArray[np.uint8]:
    """Return an image (height, width[, 3]) turned counterclockwise by a number of right angles."""
    return np.ascontiguousarray(np.rot90(image, quarters))


def turned_back(detection: Detection, quarters: int, width: int, height: int) -> Detection:
    """Return a detection in an image of `turned` as one in the original image.

    Args:
        detection: In the turned image.
        quarters: Right angles by which the image was turned counterclockwise.
        width: Of the original image in pixels.
        height: Of the original image in pixels.
    """
    for back in range(quarters % 4, 0, -1):
        detection = _quarter_back(detection, width if back % 2 else height)
    return detection


def _quarter_back(detection: Detection, width: int) -> Detection:
    """Undo one counterclockwise right angle of an image that was `width` wide before it."""
    left, top, across, along = detection.box
    return replace(
        detection,
        box=Box(width - top - along, left, along, across),
        tilt=(detection.tilt + 90 + 180) % 360 - 180,
        landmarks=_mapped(detection, lambda x, y: (width - y, x)),
    )


def _mapped(
    detection: Detection, function: Callable[[float, float], tuple[float, float]]
) -> Landmarks | None:
    points = detection.landmarks
    return points and Landmarks(*(Point(*function(x, y)) for x, y in points))
