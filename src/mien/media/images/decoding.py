"""Encoded images to pixels, by Pillow.

A JPEG may be decoded at 1/2, 1/4 or 1/8 of its size (scaled inverse DCT), which takes about half of the time.
"""

import io
from dataclasses import dataclass, replace
from typing import IO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from mien.errors import ImageError
from mien.limits import MAX_PIXELS
from mien.media.images.foreign import what_it_is
from mien.media.images.pixels import Pixels, by_depth, eight_bit

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "JPEG2000")
"""Formats that Pillow may decode: not those that run programs (EPS) or that match any bytes (TGA)."""

_BYTES: Final = {"L": (), "RGB": (3,), "RGBA": (4,)}
"""Shape of a pixel of 8-bit modes."""

_DIRECT: Final = {"RGB", "L", "F"}
"""Modes of Pillow that need no conversion, which would copy the image."""

_SCALED: Final = {"PNG", "PPM", "JPEG2000"}
"""Formats that declare their white level, which Pillow then applies; TIFF doesn't."""

_JPEG: Final = {"JPEG", "MPO"}
_TRANSPOSED: Final = {5, 6, 7, 8}
"""Values of the EXIF tag 274 that exchange width and height."""

_REDUCTIONS: Final = (8, 4, 2)
_END: Final = b"\xff\xd9"
"""The marker at the end of a JPEG; a decoder that reads it early fills what is missing with gray."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """An upright image.

    Attributes:
        pixels: uint8, gray (height, width) or RGB (height, width, 3); of `size` or reduced.
        size: Width and height in pixels before any reduction.
        truncated: The file ends early, and what is missing is gray.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    truncated: bool = False

    @property
    def scale(self) -> tuple[float, float]:
        """Width and height of a pixel in pixels of the unreduced image."""
        return self.size[0] / self.pixels.shape[1], self.size[1] / self.pixels.shape[0]


@dataclass(frozen=True)
class DecodeOptions:
    """How an image is decoded.

    Attributes:
        side: A JPEG is reduced as long as its longer side keeps this many pixels; None never reduces it.
        tolerate_truncated: Decode what is there of a JPEG that ends early.
    """

    side: int | None = None
    tolerate_truncated: bool = False


WHOLE: Final = DecodeOptions()


class TruncatedError(ImageError):
    """A JPEG that ends early. Callers raise an `ImageError` that names it."""


def decode_stream(stream: IO[bytes], options: DecodeOptions = WHOLE) -> Decoded:
    """Decode a file that can be sought.

    Raises:
        ImageError: It is not an image, damaged, cut off, or too large. The message doesn't name the file.
    """
    start = stream.read(1024)
    if not start:
        raise ImageError("an empty file, expected an image")
    try:
        with Image.open(stream, formats=FORMATS) as image:
            return decode_pillow(image, options)
    except TruncatedError:
        if not options.tolerate_truncated:
            raise
        return _completed(stream, options)
    except UnidentifiedImageError as error:
        raise ImageError(what_it_is(start)) from error
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large()) from error
    except ImageError:
        raise
    except Exception as error:  # decoders raise many types for malformed bytes
        raise ImageError(f"a damaged image ({error})") from error


def _completed(stream: IO[bytes], options: DecodeOptions) -> Decoded:
    """Decode a JPEG that ends early. Pillow's own switch for it would hold for the whole process."""
    stream.seek(0)
    content = io.BytesIO(stream.read() + _END)
    return replace(decode_stream(content, replace(options, tolerate_truncated=False)), truncated=True)


def decode_pillow(image: Image.Image, options: DecodeOptions = WHOLE) -> Decoded:
    """Decode an image that Pillow has opened.

    Raises:
        ImageError: It is damaged, cut off, or too large.
    """
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(_too_large(f"{width}x{height}"))
    if options.side is not None and image.format in _JPEG:
        _reduce(image, options.side)
    _load(image)
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    size = (height, width) if orientation in _TRANSPOSED else (width, height)
    return Decoded(_upright(eight_bit(_pixels(image)), orientation), size)


def _reduce(image: Image.Image, side: int) -> None:
    """Let a JPEG be decoded at the smallest size whose longer side has `side` pixels."""
    longer = max(image.size)
    reduction = next((each for each in _REDUCTIONS if longer // each >= side), 1)
    if reduction > 1:
        image.draft(None, (image.width // reduction, image.height // reduction))


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except OSError as error:
        is_truncated = image.format in _JPEG and "truncated" in str(error)
        kind = TruncatedError if is_truncated else ImageError
        raise kind(f"an image that is damaged or cut off ({error})") from error


def _too_large(size: str = "too many") -> str:
    return (
        f"an image of {size} pixels; the limit is {MAX_PIXELS // 1_000_000} megapixels: scale it down first"
    )


def _pixels(image: Image.Image) -> Pixels:
    """Return gray, RGB or RGBA as an array; 16-bit and float grays keep their depth."""
    if image.mode.startswith("I"):
        return _deep(image)
    if image.has_transparency_data:
        return _array(image.convert("RGBA"))
    return _array(image if image.mode in _DIRECT else image.convert("RGB"))


def _array(image: Image.Image) -> Pixels:
    """The pixels as an array; for small images np.asarray would take twice as long."""
    channels = _BYTES.get(image.mode)
    if channels is None:
        return np.asarray(image)
    return np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, image.width, *channels)


def _deep(image: Image.Image) -> Pixels:
    """Return grays of more than 8 bits (height, width), or with opacity where one level is transparent."""
    levels = np.asarray(image)
    if levels.dtype != np.uint16 and levels.min() >= 0 and levels.max() <= np.iinfo(np.uint16).max:
        levels = levels.astype(np.uint16)  # Pillow holds some files of 16 bits in 32
    if levels.dtype == np.uint16 and image.format not in _SCALED:
        return by_depth(levels)
    clear = image.info.get("transparency")
    if clear is None:
        return levels
    opacity = np.where(levels == clear, 0, np.iinfo(np.uint16).max).astype(np.uint16)
    return np.dstack([levels, levels, levels, opacity])


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror pixels by EXIF's tag 274 (CIPA DC-008, 4.6.5.1.6)."""
    if orientation in _TRANSPOSED:
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
    if orientation in flips:
        pixels = np.asarray(cv2.flip(pixels, flips[orientation]), np.uint8)
    return pixels
