"""From detections to the faces that the network sees: square, upright, framed as in FER2013.

The step between `detect` and the engine. One affine map per face does all of it (framing, rotation,
scaling) by the resize rule of `mien.media.images.resize`, so that a pixel is interpolated once.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.media.images.resize import Window, resize_window


def crop_faces(
    image: NDArray[np.uint8], detections: Sequence[Detection], size: int, framing: Framing
) -> NDArray[np.uint8]:
    """Crop the faces out of an image, each upright in its square.

    Beyond the image its border is repeated. A face larger than `size` is averaged over areas, a
    smaller one is interpolated. The cost depends on the size of the faces, not of the image.

    Args:
        image: uint8, gray (height, width) or RGB (height, width, 3), at least one pixel.
        detections: The faces, n of them, perhaps none; they may lie partly or wholly outside.
        size: Side of a crop in pixels.
        framing: How a box becomes a square.

    Returns:
        uint8, (n, size, size) or (n, size, size, 3), in the order of the detections.
    """
    faces = np.empty((len(detections), size, size, *image.shape[2:]), np.uint8)
    for face, detection in zip(faces, detections, strict=True):
        face[:] = resize_window(image, _window(detection, framing), size)
    return faces


def side_of(detection: Detection, framing: Framing) -> int:
    """Return the side of the square of a detection in pixels of the image, at least 1."""
    return max(1, round(_window(detection, framing).width))


def _window(detection: Detection, framing: Framing) -> Window:
    """The window of a detection."""
    left, top, width, height = detection.box
    x, y, angle = left + width / 2, top + height / 2, math.radians(detection.tilt)
    cos, sin = math.cos(angle), math.sin(angle)
    unit = math.sqrt(width * height)
    side, down = framing.scale * unit, framing.down * unit
    return Window(x - sin * down, y + cos * down, side, side, cos, sin)
