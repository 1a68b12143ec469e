"""From detections to the faces that the network sees: square, upright, framed as FER2013's.

The step between `detect` and the engine. One affine map a face does all of it (framing, turning,
scaling), so that a pixel is interpolated once.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing

_MOST_SAMPLES: Final = 4096
"""Samples an axis before averaging, at most: bounds the cost of a face of any size."""

_LARGEST_REGION: Final = 8192
"""Pixels an axis that are sampled from; OpenCV can't warp 32,768. What is larger is averaged first."""

_MARGIN: Final = 3
"""Pixels around the crop that interpolation may look at."""


class _Window(NamedTuple):
    """A turned rectangle in the picture, in pixels; whole numbers are the borders of pixels."""

    x: float
    y: float
    width: float
    height: float
    cos: float
    sin: float


def crop_faces(
    gray: NDArray[np.uint8], detections: Sequence[Detection], side: int, framing: Framing
) -> NDArray[np.uint8]:
    """Cut the faces out of a gray picture, each upright in its square.

    Beyond the picture its border is repeated. A face larger than `side` is averaged over areas, a
    smaller one is interpolated. The cost depends on the size of the faces, not of the picture.

    Args:
        gray: uint8 (height, width), at least one pixel.
        detections: The faces, n of them, perhaps none; they may lie partly or wholly outside.
        side: Side of a crop in pixels.
        framing: How a box becomes a square.

    Returns:
        uint8, (n, side, side), in the order of the detections.
    """
    faces = np.empty((len(detections), side, side), np.uint8)
    for face, detection in zip(faces, detections, strict=True):
        face[:] = _cut(gray, _window(detection, framing), side)
    return faces


def _window(detection: Detection, framing: Framing) -> _Window:
    """Where the crop of a detection lies: clockwise on the screen is positive, as y points down."""
    left, top, width, height = detection.box
    x, y, angle = left + width / 2, top + height / 2, math.radians(detection.tilt)
    cos, sin = math.cos(angle), math.sin(angle)
    if framing.stretch:
        return _Window(x, y, width, height, cos, sin)
    unit = math.sqrt(width * height)
    side, down = framing.scale * unit, framing.down * unit
    return _Window(x - sin * down, y + cos * down, side, side, cos, sin)


def _cut(gray: NDArray[np.uint8], window: _Window, side: int) -> NDArray[np.uint8]:
    """Sample the window no coarser than the picture's pixels, then average down to (side, side)."""
    region, window = _reduced(*_region(gray, window))
    columns, rows = (side * _samples(size, side) for size in (window.width, window.height))
    enlarges = max(window.width, window.height) < side
    sampled = cv2.warpAffine(
        region,
        _matrix(window, columns, rows),
        (columns, rows),
        flags=cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if enlarges else cv2.INTER_LINEAR),
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(sampled, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _samples(size: float, side: int) -> int:
    """How many samples an axis are averaged for one of `side` pixels, when the window is `size` long."""
    return max(1, min(math.ceil(size / side), _MOST_SAMPLES // side))


def _matrix(window: _Window, columns: int, rows: int) -> NDArray[np.float64]:
    """The map (2, 3) from the middle of a sample to a point between the middles of pixels."""
    x, y, width, height, cos, sin = window
    across, along = width / columns, height / rows
    linear = np.array([[cos * across, -sin * along], [sin * across, cos * along]])
    first = np.array([(1 - columns) / 2, (1 - rows) / 2])
    origin = np.array([x - 0.5, y - 0.5]) + linear @ first
    return np.column_stack([linear, origin])


def _region(gray: NDArray[np.uint8], window: _Window) -> tuple[NDArray[np.uint8], _Window]:
    """The part of the picture that the window touches, at least one pixel, and the window in it."""
    x, y, width, height, cos, sin = window
    reach_x = (abs(cos) * width + abs(sin) * height) / 2 + _MARGIN
    reach_y = (abs(sin) * width + abs(cos) * height) / 2 + _MARGIN
    x0, x1 = _clipped(x - reach_x, x + reach_x, gray.shape[1])
    y0, y1 = _clipped(y - reach_y, y + reach_y, gray.shape[0])
    return gray[y0:y1, x0:x1], window._replace(x=x - x0, y=y - y0)


def _clipped(low: float, high: float, size: int) -> tuple[int, int]:
    """The pixels from `low` to `high` that lie within `size`, or else the nearest one."""
    start = math.floor(min(max(low, 0), size - 1))
    return start, max(math.ceil(min(high, size)), start + 1)


def _reduced(region: NDArray[np.uint8], window: _Window) -> tuple[NDArray[np.uint8], _Window]:
    """The region averaged over squares until OpenCV can warp it, and the window in it."""
    factor = math.ceil(max(region.shape) / _LARGEST_REGION)
    if factor == 1:
        return region, window
    rows, columns = (math.ceil(size / factor) for size in region.shape)
    smaller = cv2.resize(region, (columns, rows), interpolation=cv2.INTER_AREA)
    x, y, width, height, cos, sin = window
    across, along = columns / region.shape[1], rows / region.shape[0]
    return np.asarray(smaller, np.uint8), _Window(
        x * across, y * along, width * across, height * along, cos, sin
    )
