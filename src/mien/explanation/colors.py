"""Maps as images: orange supports the class, blue speaks against it, what has no effect is transparent."""

import io
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

FOR: Final = (213, 94, 0)
"""Color of what supports the class, in RGB: vermilion of Okabe and Ito's palette."""

AGAINST: Final = (0, 114, 178)
"""Color of what speaks against it: blue of the same palette."""

OPACITY: Final = 0.75
"""Of the strongest pixel."""

LEAST: Final = 1e-6
"""Strength of a map that is drawn, at least: weaker ones are rounding."""

SMOOTHING: Final = 1 / 48
"""Standard deviation of the blur before drawing, in sides of the face; it hides the pixels of gradients."""


def strength(maps: NDArray[np.floating]) -> float:
    """Return the number that full color stands for: the largest absolute value of smoothed maps.

    Args:
        maps: (..., size, size); 0 for no maps.
    """
    return max((float(np.abs(_smooth(one)).max()) for one in maps.reshape(-1, *maps.shape[-2:])), default=0.0)


def rgba(saliency: NDArray[np.floating], side: int, scale: float | None = None) -> NDArray[np.uint8]:
    """Return a map as an image to lay over its face, RGBA uint8 (side, side, 4).

    Args:
        saliency: (size, size).
        side: Of the image in pixels.
        scale: What full color stands for; the strength of this map by default.
    """
    limit = strength(saliency[None]) if scale is None else scale
    smooth = cv2.resize(_smooth(saliency), (side, side), interpolation=cv2.INTER_CUBIC)
    share = np.clip(smooth / max(limit, LEAST), -1, 1)
    image = np.empty((side, side, 4), np.uint8)
    image[..., :3] = np.where(share[..., None] > 0, FOR, AGAINST)
    image[..., 3] = np.rint(255 * OPACITY * np.abs(share))
    return image


def overlaid(
    face: NDArray[np.uint8], saliency: NDArray[np.floating], side: int, scale: float | None = None
) -> NDArray[np.uint8]:
    """Return a face in gray under its map, RGB uint8 (side, side, 3).

    Args:
        face: uint8, (height, width) or (height, width, 3), of any size.
        saliency: (size, size).
        side: Of the image in pixels.
        scale: As in `rgba`.
    """
    layer = rgba(saliency, side, scale).astype(np.float32)
    opacity = layer[..., 3:] / 255
    mixed = opacity * layer[..., :3] + (1 - opacity) * gray(face, side)[..., None]
    return np.rint(mixed).astype(np.uint8)


def gray(face: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a face in gray, uint8 (side, side)."""
    level = face if face.ndim == 2 else cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
    return np.asarray(_resized(np.asarray(level, np.uint8), side), np.uint8)


def enlarged(face: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a face at another size, uint8 (side, side) or (side, side, 3)."""
    return np.asarray(_resized(face, side), np.uint8)


def png(image: NDArray[np.uint8]) -> bytes:
    """Return an image, uint8 (height, width), or (height, width, 3 or 4) in RGB or RGBA, as a PNG file."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _smooth(saliency: NDArray[np.floating]) -> NDArray[np.float32]:
    values = np.ascontiguousarray(saliency, np.float32)
    return np.asarray(cv2.GaussianBlur(values, (0, 0), SMOOTHING * len(values)), np.float32)


def _resized(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    smaller = side < len(image)
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (side, side), interpolation=method), np.uint8)
