"""Any image to the pixels that a person sees: the one decoder of training data and recognition.

Pillow decodes. OpenCV would take 0.6 of the time for a JPEG of 12 megapixels, but it accepts damaged
data and writes about it to stderr.
"""

import io
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from mien.errors import ImageError
from mien.limits import MAX_PIXELS, MAX_STREAM_BYTES
from mien.media.images.foreign import what_it_is
from mien.media.images.pixels import Pixels, by_depth, eight_bit, with_channels
from mien.media.images.quiet import QUIET_PILLOW

ImageLike = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Image.Image | Pixels
)  # fmt: skip
"""A path, an encoded image or an open file of one, a Pillow image, or `mien.media.images.pixels.Pixels`."""

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "JPEG2000")
"""Formats that Pillow may decode: not those that run programs (EPS) or that match any bytes (TGA)."""

IMAGE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif"}
    | {".tiff", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".avif", ".jp2", ".j2k", ".heic", ".heif"}
)
"""Suffixes of images in a folder. HEIC is among them to be reported rather than overlooked."""

_BYTES: Final = {"L": (), "RGB": (3,), "RGBA": (4,)}
"""Shape of a pixel of 8-bit modes."""

_DIRECT: Final = {"RGB", "L", "F"}
"""Modes of Pillow that need no conversion, which would copy the image."""

_SCALED: Final = {"PNG", "PPM", "JPEG2000"}
"""Formats that declare their white level, which Pillow then applies; TIFF doesn't."""


def read_image(source: ImageLike, *, bgr: bool = False) -> NDArray[np.uint8]:
    """Return an image as a person sees it: upright, in 8 bits, on white where it is transparent.

    The first frame of an animation. Color profiles are not applied. Thread-safe.

    Args:
        source: A path; the bytes of a file; a file opened with "rb", read from its start; a Pillow
            image; or an array (height, width), or with one channel (gray), three (RGB) or four
            (RGBA), as uint8, uint16, bool, or float from 0 to 1.
        bgr: The channels of an array are in OpenCV's order, BGR or BGRA. Ignored for other sources.

    Returns:
        RGB uint8, (height, width, 3), contiguous; it may share memory with the array that was given.

    Raises:
        ImageError: It is missing, not an image, damaged, cut off, of more than 64 megapixels, or
            not such an array.
    """
    name = _name(source)
    try:
        return with_channels(_read(source, bgr=bgr), 3)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error.__cause__


def decode(content: bytes) -> NDArray[np.uint8]:
    """Decode an image as `read_image` does; return gray (height, width) or RGB (height, width, 3).

    Raises:
        ImageError: As `read_image`. The message doesn't name the file.
    """
    with QUIET_PILLOW:
        return _decoded_stream(io.BytesIO(content))


def _name(source: ImageLike) -> str:
    """What an error calls the source."""
    if isinstance(source, np.ndarray):
        return "the array"
    if isinstance(source, Image.Image):
        return "the image"
    if isinstance(source, str | os.PathLike):
        return os.fsdecode(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "the given bytes"
    readable = hasattr(source, "read") and not isinstance(source, io.TextIOBase)
    return "the given file" if readable else type(source).__name__


def _read(source: ImageLike, *, bgr: bool) -> NDArray[np.uint8]:
    if isinstance(source, np.ndarray):
        return eight_bit(source, bgr=bgr)
    with QUIET_PILLOW:
        if isinstance(source, Image.Image):
            return _decoded(source)
        if isinstance(source, str | os.PathLike):
            return _read_file(os.fsdecode(source))
        return _decoded_stream(io.BytesIO(_content(source)))


def _content(source: bytes | bytearray | memoryview | IO[bytes]) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    try:
        with suppress(AttributeError, io.UnsupportedOperation):
            source.seek(0)  # as Pillow does: a buffer that was just written is at its end
        content = _all_of(source)
    except (AttributeError, TypeError):
        content = None
    except (OSError, ValueError) as error:  # ValueError: it is closed, or text
        raise ImageError(f"can't be read ({error})") from error
    if not isinstance(content, bytes):
        raise ImageError(
            "not an image; expected a path, the bytes of a file, a file opened "
            'with "rb", a Pillow image or a numpy array (for several images use `batch`)'
        )
    return content


def _read_file(path: str) -> NDArray[np.uint8]:
    try:
        with Path(path).open("rb") as stream:
            piped = not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            return _decoded_stream(io.BytesIO(_all_of(stream)) if piped else stream)
    except IsADirectoryError as error:
        raise ImageError("a folder, expected an image") from error
    except FileNotFoundError as error:
        raise ImageError("there is no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"can't be read ({reason})") from error


def _all_of(pipe: IO[bytes]) -> bytes:
    content = pipe.read(MAX_STREAM_BYTES + 1)
    if len(content) > MAX_STREAM_BYTES:
        raise ImageError(f"more than {MAX_STREAM_BYTES >> 20} MB, expected an image")
    return content


def _decoded_stream(stream: IO[bytes]) -> NDArray[np.uint8]:
    start = stream.read(1024)
    if not start:
        raise ImageError("an empty file, expected an image")
    try:
        with Image.open(stream, formats=FORMATS) as image:
            return _decoded(image)
    except UnidentifiedImageError as error:
        raise ImageError(what_it_is(start)) from error
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large()) from error
    except ImageError:
        raise
    except Exception as error:  # decoders raise many types for malformed bytes
        raise ImageError(f"a damaged image ({error})") from error


def _decoded(image: Image.Image) -> NDArray[np.uint8]:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(_too_large(f"{width}x{height}"))
    try:
        image.load()
    except OSError as error:
        raise ImageError(f"an image that is damaged or cut off ({error})") from error
    pixels = eight_bit(_pixels(image))
    return _upright(pixels, image.getexif().get(ExifTags.Base.Orientation, 1))


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
    if orientation in {5, 6, 7, 8}:
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
    if orientation in flips:
        pixels = np.asarray(cv2.flip(pixels, flips[orientation]), np.uint8)
    return pixels
