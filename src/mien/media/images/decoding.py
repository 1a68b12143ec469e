"""Encoded images to pixels, by Pillow.

A JPEG may be decoded at 1/2, 1/4 or 1/8 of its size (scaled inverse DCT), which takes about half of the time.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from mien.errors import ImageError
from mien.files.bounded import read_up_to
from mien.limits import MAX_DECODING, MAX_IMAGE_BYTES, MAX_PIXELS
from mien.media.images.converting import to_eight_bit
from mien.media.images.foreign import what_it_is
from mien.media.images.headers import opened_image
from mien.media.images.memory import bytes_to_decode, pixel_limit
from mien.media.images.png_checksums import verify_pixels

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
        fit: Reduce a JPEG that takes too much memory in full, instead of refusing it.
    """

    side: int | None = None
    tolerate_truncated: bool = False
    fit: bool = False


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
        with _errors_of_pillow("a damaged image"), opened_image(stream) as image:
            verify_pixels(stream)
            return _decoded(image, options, _held(stream))
    except TruncatedError:
        if not options.tolerate_truncated:
            raise
        return _completed(stream, options)
    except UnidentifiedImageError as error:
        raise ImageError(what_it_is(start)) from error


@contextmanager
def _errors_of_pillow(what: str) -> Iterator[None]:
    """Raise an `ImageError` in place of Pillow's errors, except that for a file that is no image."""
    try:
        yield
    except (ImageError, UnidentifiedImageError):
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large()) from error
    except MemoryError as error:
        raise ImageError(f"{what}, which needs too much memory") from error
    except Exception as error:  # decoders raise many types for malformed bytes
        raise ImageError(f"{what} ({error})") from error


def _held(stream: IO[bytes]) -> int:
    """Bytes of the file that are in memory."""
    return stream.getbuffer().nbytes if isinstance(stream, io.BytesIO) else 0


def _completed(stream: IO[bytes], options: DecodeOptions) -> Decoded:
    """Decode a JPEG that ends early. Pillow's own switch for it would hold for the whole process."""
    stream.seek(0)
    content = read_up_to(stream, MAX_IMAGE_BYTES)
    return replace(
        decode_stream(io.BytesIO(content + _END), replace(options, tolerate_truncated=False)), truncated=True
    )


def decode_pillow(image: Image.Image) -> Decoded:
    """Decode an image that Pillow has opened, decoded or not; it stays open.

    Raises:
        ImageError: It is closed, damaged, cut off, or too large.
    """
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(_too_large(f"{width}x{height}"))
    with _errors_of_pillow("a closed or damaged image"):
        if image.format == "PNG" and (stream := _file_of(image)) is not None:
            verify_pixels(stream)
        _load(image)
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        pixels = _upright(to_eight_bit(image), orientation)
    return Decoded(pixels, (height, width) if orientation in _TRANSPOSED else (width, height))


def _file_of(image: Image.Image) -> IO[bytes] | None:
    """Return the file of an image that is not decoded yet."""
    stream: IO[bytes] | None = getattr(image, "fp", None)
    return None if stream is None or stream.closed else stream


def _decoded(image: Image.Image, options: DecodeOptions, held: int) -> Decoded:
    """As `decode_pillow`, for an image that is not used any more; it may be reduced.

    Args:
        image: As it was opened.
        options: How to decode it.
        held: Bytes of its file that are in memory.
    """
    width, height = image.size
    reduction = _reduction(image, options, MAX_DECODING - held)
    if reduction > 1:
        image.draft(None, (width // reduction, height // reduction))
    _load(image)
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    size = (height, width) if orientation in _TRANSPOSED else (width, height)
    pixels = to_eight_bit(image)
    image.close()  # frees its memory
    return Decoded(_upright(pixels, orientation), size)


def _reduction(image: Image.Image, options: DecodeOptions, memory: int) -> int:
    """Return by which the sides of an image are divided: at 1 it is decoded in full, as all but JPEGs are.

    Raises:
        ImageError: It is too large.
    """
    longer, pixels = max(image.size), image.width * image.height
    wanted, limit = 1, min(MAX_PIXELS, pixel_limit(image))
    if options.side is not None and image.format in _JPEG:
        wanted = next((each for each in _REDUCTIONS if longer // each >= options.side), 1)
    possible = (wanted, *(each for each in reversed(_REDUCTIONS) if options.fit and each > wanted))
    for reduction in possible if image.format in _JPEG else (1,):
        if pixels // reduction**2 <= limit and bytes_to_decode(image, reduction) <= memory:
            return reduction
    most = min(limit, max(0, memory) * pixels // bytes_to_decode(image, wanted))
    raise ImageError(_too_large(f"{image.width}x{image.height}", most))


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except OSError as error:
        is_truncated = image.format in _JPEG and "truncated" in str(error)
        kind = TruncatedError if is_truncated else ImageError
        raise kind(f"an image that is damaged or cut off ({error})") from error


def _too_large(size: str = "too many", most: int = MAX_PIXELS) -> str:
    return (
        f"an image of {size} pixels; the limit of such a file is {most // 1_000_000} megapixels: "
        "scale it down first"
    )


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror pixels by EXIF's tag 274 (CIPA DC-008, 4.6.5.1.6)."""
    if orientation in _TRANSPOSED:
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
    if orientation in flips:
        pixels = np.asarray(cv2.flip(pixels, flips[orientation]), np.uint8)
    return pixels
