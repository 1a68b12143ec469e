"""Arrays of any usual kind to gray or RGB in 8 bits."""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import ImageError

Pixels = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.floating[Any]] | NDArray[np.bool_]
"""(height, width), or (height, width, channels): one is gray, three are RGB, four RGBA.

uint8, uint16, bool, or float from 0 (black) to 1.
"""

DEPTHS: Final = (8, 10, 12, 14, 16)
"""Bit depths of cameras, whose values many programs store in 16 or 32 bits without scaling."""

_CHANNELS: Final = (1, 3, 4)


def eight_bit(pixels: Pixels, *, bgr: bool = False) -> NDArray[np.uint8]:
    """Return pixels as gray (height, width) or RGB (height, width, 3), on white where transparent.

    Args:
        pixels: Of one of the kinds that `Pixels` names.
        bgr: The order of three or four channels is BGR or BGRA.

    Raises:
        ImageError: Another shape or type, no pixel, or floats outside of 0 to 1.
    """
    _require_shape(pixels)
    levels = _scaled(pixels)
    if levels.ndim == 2:
        return levels
    if levels.shape[2] == 1:
        return levels[:, :, 0]
    colors = levels[:, :, 2::-1] if bgr else levels[:, :, :3]
    return _on_white(colors, levels[:, :, 3:]) if levels.shape[2] == 4 else colors


def with_channels(image: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Return an image in gray or RGB, contiguous; the luminance of a gray RGB image is its gray level.

    Args:
        image: uint8, gray (height, width) or RGB (height, width, 3).
        channels: 1 for gray (the luma of ITU-R BT.601), 3 for RGB.

    Returns:
        uint8, (height, width) or (height, width, 3); `image` itself if it has these channels.
    """
    image = np.ascontiguousarray(image)
    if image.ndim == 2 and channels == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), np.uint8)
    if image.ndim == 3 and channels == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    return image


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """Return an image, gray (height, width) or RGB (height, width, 3), as a PNG file."""
    bgr = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", bgr)[1].tobytes()


def _require_shape(pixels: Pixels) -> None:
    known = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in _CHANNELS)
    if not known or not pixels.size:
        raise ImageError(
            f"pixels of shape {pixels.shape}, expected (height, width) or (height, width, channels) "
            "with one channel (gray), three (RGB) or four (RGBA)"
        )


def _scaled(pixels: Pixels) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    if pixels.dtype == np.uint16:
        return np.asarray((pixels.astype(np.uint32) + 128) // 257, np.uint8)
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ImageError(
            f"pixels of type {pixels.dtype}, expected uint8 (0 to 255), uint16 (0 to 65535) or "
            "float (0 to 1); convert them with .astype(numpy.uint8) if they are 0 to 255"
        )
    low, high = float(pixels.min()), float(pixels.max())
    if not 0 <= low <= high <= 1:  # false of NaN, too
        raise ImageError(
            f"float pixels from {low:g} to {high:g}, expected 0 to 1; divide by their largest value, "
            "or convert them with .astype(numpy.uint8) if they are 0 to 255"
        )
    return np.rint(pixels * 255).astype(np.uint8)


def by_depth(levels: NDArray[np.uint16], highest: int) -> NDArray[np.uint8]:
    """Return gray levels (height, width) of unknown depth in 8 bits; `highest` is the highest of the image.

    White is the maximum of the smallest depth in `DEPTHS` that holds all of them. So an image
    that is darker than a quarter of 16 bits may become brighter, never darker.
    """
    bits = highest.bit_length()
    white = (1 << next(depth for depth in DEPTHS if depth >= bits)) - 1
    return np.asarray((levels.astype(np.uint32) * 255 + white // 2) // white, np.uint8)


def _on_white(colors: NDArray[np.uint8], opacity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blend (height, width, 3) by its opacity (height, width, 1) over white."""
    share = opacity.astype(np.uint32)
    blended = (colors * share + 255 * (255 - share) + 127) // 255
    return blended.astype(np.uint8)
