"""Pillow images to 8-bit arrays, in bands of rows: of a large image, only the two results are in memory."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.media.images.pixels import Pixels, by_depth, eight_bit

BAND: Final = 1 << 19
"""Pixels that are converted at a time; blending with white takes 40 bytes for each."""

_BYTES: Final = {"L": (), "RGB": (3,), "RGBA": (4,)}
"""Shape of a pixel of 8-bit modes."""

_DIRECT: Final = {"RGB", "L", "F"}
"""Modes of Pillow that need no conversion, which would copy the image."""

_SCALED: Final = {"PNG", "PPM", "JPEG2000"}
"""Formats that declare their white level, which Pillow then applies; TIFF doesn't."""

_WHITE_16: Final = np.iinfo(np.uint16).max

_Range = tuple[int, int]


def to_eight_bit(image: Image.Image) -> NDArray[np.uint8]:
    """Return a loaded image as gray (height, width) or RGB (height, width, 3), on white where transparent.

    Raises:
        ImageError: Its values are not those of an image.
    """
    extent = _range_of(image) if image.mode.startswith("I") else None
    result: NDArray[np.uint8] | None = None
    for top, band in _bands(image):
        part = eight_bit(_pixels(band, extent, image.format))
        if len(part) == image.height:
            return part
        if result is None:
            result = np.empty((image.height, *part.shape[1:]), np.uint8)
        result[top : top + len(part)] = part
    return eight_bit(_pixels(image, extent, image.format)) if result is None else result


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield the number of its first row with each band."""
    rows = max(1, BAND // max(1, image.width))
    if rows >= image.height:
        yield 0, image
        return
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _range_of(image: Image.Image) -> _Range:
    """Return the lowest and the highest value of an image of one channel."""
    ranges = [
        (int(levels.min()), int(levels.max())) for _, band in _bands(image) for levels in (np.asarray(band),)
    ]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _pixels(image: Image.Image, extent: _Range | None, file_format: str | None) -> Pixels:
    """Return gray, RGB or RGBA as an array; 16-bit and float grays keep their depth."""
    if extent is not None:
        return _deep(image, extent, file_format)
    if image.has_transparency_data:
        return _array(image.convert("RGBA"))
    return _array(image if image.mode in _DIRECT else image.convert("RGB"))


def _array(image: Image.Image) -> Pixels:
    """The pixels as an array; for small images np.asarray would take twice as long."""
    channels = _BYTES.get(image.mode)
    if channels is None:
        return np.asarray(image)
    return np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, image.width, *channels)


def _deep(image: Image.Image, extent: _Range, file_format: str | None) -> Pixels:
    """Return grays of more than 8 bits (height, width), or with opacity where one level is transparent."""
    levels = np.asarray(image)
    low, high = extent
    if levels.dtype != np.uint16 and low >= 0 and high <= _WHITE_16:
        levels = levels.astype(np.uint16)  # Pillow holds some files of 16 bits in 32
    if levels.dtype == np.uint16 and file_format not in _SCALED:
        return by_depth(levels, high)
    clear = image.info.get("transparency")
    if clear is None:
        return levels
    opacity = np.where(levels == clear, 0, _WHITE_16).astype(np.uint16)
    return np.dstack([levels, levels, levels, opacity])
