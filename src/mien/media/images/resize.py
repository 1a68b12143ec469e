"""The one resize rule: area average when an image shrinks, bicubic interpolation when it grows.

Training data and the crops of recognized faces both come through here, so that a network sees the same
pixels in both. A window (a rectangle, perhaps rotated) is sampled on a grid no coarser than the pixels of
the image, bilinearly, and each block of samples is averaged to one pixel of the result. A window smaller
than the result in both directions is interpolated bicubically (Keys 1981) instead. Beyond the image its
border pixels are repeated. An image that has the requested size already is returned unchanged.

The aspect ratio is kept: a rectangle that is not square becomes the square of its area around its center,
cut at two sides and with the border repeated at the others.
"""

import math
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_SAMPLES: Final = 4096
"""Samples per axis before averaging; bounds the cost of a window of any size."""

MAX_REGION: Final = 8192
"""Pixels per axis that are sampled from: OpenCV can't warp 32,768. A larger region is averaged first."""

MARGIN: Final = 3
"""Pixels around the window that bicubic interpolation may read."""


class Window(NamedTuple):
    """A rectangle in an image, in pixels; integers are the borders of pixels.

    `x` and `y` are its center, `cos` and `sin` those of its rotation (clockwise on the screen, as y points
    down).
    """

    x: float
    y: float
    width: float
    height: float
    cos: float = 1.0
    sin: float = 0.0


def square_window(left: float, top: float, width: float, height: float) -> Window:
    """Return the square around the center of a rectangle that has its area.

    On narrow and on wide images of faces, it costs less accuracy than a change of the aspect ratio. The
    square inside cuts narrow faces, the square outside reduces faces in wide images.
    """
    side = math.sqrt(width * height)
    return Window(left + width / 2, top + height / 2, side, side)


def resize(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a whole image as a square, its aspect ratio kept; see `square_window`.

    Args:
        image: uint8, (height, width) or (height, width, 3), at least one pixel.
        size: Side of the result in pixels.

    Returns:
        uint8, (size, size) or (size, size, 3); `image` itself if it has that size.
    """
    height, width = image.shape[:2]
    if (height, width) == (size, size):
        return image
    return resize_window(image, square_window(0.0, 0.0, width, height), size)


def resize_all(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return images (n, height, width[, 3]), n may be 0, as (n, size, size[, 3])."""
    if images.shape[1:3] == (size, size):
        return images
    resized = np.empty((len(images), size, size, *images.shape[3:]), np.uint8)
    for position, image in enumerate(images):
        resized[position] = resize(image, size)
    return resized


def resize_window(image: NDArray[np.uint8], window: Window, size: int) -> NDArray[np.uint8]:
    """Return a window of an image as a square. The cost depends on the window, not on the image.

    Args:
        image: uint8, (height, width) or (height, width, 3), at least one pixel.
        window: What to resize; it may lie partly or wholly outside of the image.
        size: Side of the result in pixels.

    Returns:
        uint8, (size, size) or (size, size, 3).
    """
    region, window = _reduced(*_region(image, window))
    columns, rows = (size * _samples(length, size) for length in (window.width, window.height))
    enlarges = max(window.width, window.height) < size
    sampled = cv2.warpAffine(
        region,
        _matrix(window, columns, rows),
        (columns, rows),
        flags=cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if enlarges else cv2.INTER_LINEAR),
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(sampled, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def _samples(length: float, size: int) -> int:
    """Samples per axis that are averaged for one of `size` pixels, for a window of `length`."""
    return max(1, min(math.ceil(length / size), MAX_SAMPLES // size))


def _matrix(window: Window, columns: int, rows: int) -> NDArray[np.float64]:
    """The map (2, 3) from the center of a sample to a point between the centers of pixels."""
    x, y, width, height, cos, sin = window
    across, along = width / columns, height / rows
    linear = np.array([[cos * across, -sin * along], [sin * across, cos * along]])
    first = np.array([(1 - columns) / 2, (1 - rows) / 2])
    origin = np.array([x - 0.5, y - 0.5]) + linear @ first
    return np.column_stack([linear, origin])


def _region(image: NDArray[np.uint8], window: Window) -> tuple[NDArray[np.uint8], Window]:
    """The part of the image that the window touches, at least one pixel, and the window in it."""
    x, y, width, height, cos, sin = window
    reach_x = (abs(cos) * width + abs(sin) * height) / 2 + MARGIN
    reach_y = (abs(sin) * width + abs(cos) * height) / 2 + MARGIN
    x0, x1 = _clipped(x - reach_x, x + reach_x, image.shape[1])
    y0, y1 = _clipped(y - reach_y, y + reach_y, image.shape[0])
    return image[y0:y1, x0:x1], window._replace(x=x - x0, y=y - y0)


def _clipped(low: float, high: float, length: int) -> tuple[int, int]:
    """The pixels from `low` to `high` that lie within `length`, or else the nearest one."""
    start = math.floor(min(max(low, 0), length - 1))
    return start, max(math.ceil(min(high, length)), start + 1)


def _reduced(region: NDArray[np.uint8], window: Window) -> tuple[NDArray[np.uint8], Window]:
    """The region averaged over blocks until OpenCV can warp it, and the window in it."""
    height, width = region.shape[:2]
    factor = math.ceil(max(height, width) / MAX_REGION)
    if factor == 1:
        return region, window
    rows, columns = math.ceil(height / factor), math.ceil(width / factor)
    smaller = cv2.resize(region, (columns, rows), interpolation=cv2.INTER_AREA)
    x, y, wide, high, cos, sin = window
    across, along = columns / width, rows / height
    return np.asarray(smaller, np.uint8), Window(x * across, y * along, wide * across, high * along, cos, sin)
