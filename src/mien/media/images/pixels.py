"""Arrays of any usual kind to RGB in 8 bits."""

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
"""Bits of cameras, whose numbers many programs put into 16 or 32 bits as they are."""

_CHANNELS: Final = (1, 3, 4)


def as_rgb(pixels: Pixels, name: str, *, bgr: bool = False) -> NDArray[np.uint8]:
    """Return pixels as contiguous RGB uint8 (height, width, 3), on white where they are transparent.

    Args:
        pixels: Of one of the kinds that `Pixels` names.
        name: What an error calls them.
        bgr: The order of three or four channels is BGR or BGRA.

    Raises:
        ImageError: Another shape or type, no pixel, or floats outside of 0 to 1.
    """
    _refuse_shape(pixels, name)
    levels = _eight_bits(pixels, name)
    if levels.ndim == 2 or levels.shape[2] == 1:
        return np.asarray(cv2.cvtColor(levels, cv2.COLOR_GRAY2RGB), np.uint8)
    colors = levels[:, :, 2::-1] if bgr else levels[:, :, :3]
    if levels.shape[2] == 4:
        colors = _on_white(colors, levels[:, :, 3:])
    return np.ascontiguousarray(colors)


def _refuse_shape(pixels: Pixels, name: str) -> None:
    known = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in _CHANNELS)
    if not known or not pixels.size:
        raise ImageError(
            f"{name}: pixels of shape {pixels.shape}, expected (height, width) or (height, width, channels) "
            "with one channel (gray), three (RGB) or four (RGBA)"
        )


def _eight_bits(pixels: Pixels, name: str) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    if pixels.dtype == np.uint16:
        return np.asarray((pixels.astype(np.uint32) + 128) // 257, np.uint8)
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ImageError(
            f"{name}: pixels of type {pixels.dtype}, expected uint8 (0 to 255), uint16 (0 to 65535) or "
            "float (0 to 1); convert them with .astype(numpy.uint8) if they are 0 to 255"
        )
    low, high = float(pixels.min()), float(pixels.max())
    if not 0 <= low <= high <= 1:  # false of NaN, too
        raise ImageError(
            f"{name}: float pixels from {low:g} to {high:g}, expected 0 to 1; divide by their largest value, "
            "or convert them with .astype(numpy.uint8) if they are 0 to 255"
        )
    return np.rint(pixels * 255).astype(np.uint8)


def by_depth(levels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Return grays of unknown depth in 8 bits: white is the largest number of the least depth that holds all.

    A picture that is truly darker than a quarter of 16 bits becomes brighter by it, never darker.
    """
    bits = int(levels.max()).bit_length()
    white = (1 << next(depth for depth in DEPTHS if depth >= bits)) - 1
    return np.asarray((levels.astype(np.uint32) * 255 + white // 2) // white, np.uint8)


def _on_white(colors: NDArray[np.uint8], opacity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blend (height, width, 3) by its opacity (height, width, 1) over white."""
    share = opacity.astype(np.uint32)
    blended = (colors * share + 255 * (255 - share) + 127) // 255
    return blended.astype(np.uint8)
