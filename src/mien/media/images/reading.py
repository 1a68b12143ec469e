"""Any picture to the pixels that a person sees: what stands before detection, in files and from Python.

Pillow decodes. OpenCV would take 0.6 of the time for a JPEG of 12 megapixels, but it lets damaged
data pass and writes about it to stderr.
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
from mien.media.images.decode import MAX_PIXELS
from mien.media.images.foreign import what_it_is
from mien.media.images.pixels import Pixels, as_rgb, by_depth
from mien.media.images.quiet import QUIET_PILLOW

PictureLike = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Image.Image | Pixels
)  # fmt: skip
"""A path, an encoded picture or an open file of one, a Pillow image, or `mien.media.images.pixels`."""

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "JPEG2000")
"""What Pillow may decode here: not those that run programs (EPS) or that any bytes can be (TGA)."""

PICTURE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif"}
    | {".tiff", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".avif", ".jp2", ".j2k", ".heic", ".heif"}
)
"""What pictures in a folder end with. HEIC is among them to be reported rather than overlooked."""

_DIRECT: Final = {"RGB", "L", "F"}
"""Modes of Pillow that need no conversion, which would copy the picture."""

_SCALED: Final = {"PNG", "PPM", "JPEG2000"}
"""Formats that say what white is, and Pillow heeds it; TIFF doesn't."""

MAX_BYTES: Final = 512 << 20
"""Most that is read from a pipe, whose size isn't known before."""


def read_picture(source: PictureLike, *, bgr: bool = False) -> NDArray[np.uint8]:
    """Return a picture as a person sees it: upright, in 8 bits, on white where it is transparent.

    The first frame where it is animated. Color profiles are not applied. Thread-safe.

    Args:
        source: A path; the bytes of a file; a file opened with "rb", read from its start; a Pillow
            image; or an array (height, width), or with one channel (gray), three (RGB) or four
            (RGBA), as uint8, uint16, bool, or float from 0 to 1.
        bgr: The array's colors are in OpenCV's order, BGR or BGRA. Only arrays heed it.

    Returns:
        RGB uint8, (height, width, 3), contiguous; it may share memory with the array that was given.

    Raises:
        ImageError: It is missing, not a picture, damaged, cut off, of more than 64 megapixels, or
            not such an array, or something else altogether.
    """
    if isinstance(source, np.ndarray):
        return as_rgb(source, "the array", bgr=bgr)
    with QUIET_PILLOW:
        if isinstance(source, Image.Image):
            return _decoded(source, "the image")
        if isinstance(source, str | os.PathLike):
            return _read_file(os.fsdecode(source))
        return _read(io.BytesIO(_content(source)), "the given bytes")


def _content(source: bytes | bytearray | memoryview | IO[bytes]) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    try:
        with suppress(AttributeError, io.UnsupportedOperation):
            source.seek(0)  # as Pillow does: a buffer that was just written stands at its end
        content = _all_of(source, "the given file")
    except (AttributeError, TypeError):
        content = None
    except (OSError, ValueError) as error:  # ValueError: it is closed, or text
        raise ImageError(f"the given file can't be read ({error})") from error
    if not isinstance(content, bytes):
        raise ImageError(
            f"{type(source).__name__}: not a picture; expected a path, the bytes of a file, a file opened "
            'with "rb", a Pillow image or a numpy array (for several pictures there is `batch`)'
        )
    return content


def _read_file(path: str) -> NDArray[np.uint8]:
    try:
        with Path(path).open("rb") as stream:
            piped = not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            return _read(io.BytesIO(_all_of(stream, path)) if piped else stream, path)
    except IsADirectoryError as error:
        raise ImageError(f"{path}: a folder, expected a picture") from error
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path}: can't be read ({reason})") from error


def _all_of(pipe: IO[bytes], name: str) -> bytes:
    content = pipe.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ImageError(f"{name}: goes on after {MAX_BYTES >> 20} MB, expected a picture")
    return content


def _read(stream: IO[bytes], name: str) -> NDArray[np.uint8]:
    start = stream.read(1024)
    if not start:
        raise ImageError(f"{name}: an empty file, expected a picture")
    try:
        with Image.open(stream, formats=FORMATS) as image:
            return _decoded(image, name)
    except UnidentifiedImageError as error:
        raise ImageError(f"{name}: {what_it_is(start)}") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: {_too_large()}") from error
    except ImageError:
        raise
    except Exception as error:  # whatever a decoder stumbles over in foreign bytes
        raise ImageError(f"{name}: a damaged picture ({error})") from error


def _decoded(image: Image.Image, name: str) -> NDArray[np.uint8]:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(f"{name}: {_too_large(f'{width}x{height}')}")
    try:
        image.load()
    except OSError as error:
        raise ImageError(f"{name}: a picture that is damaged or cut off ({error})") from error
    pixels = as_rgb(_pixels(image), name)
    return _upright(pixels, image.getexif().get(ExifTags.Base.Orientation, 1))


def _too_large(size: str = "too many") -> str:
    return (
        f"a picture of {size} pixels; more than {MAX_PIXELS // 1_000_000} megapixels are not read: shrink it"
    )


def _pixels(image: Image.Image) -> Pixels:
    """Return gray, RGB or RGBA as an array; 16-bit and float grays keep their depth."""
    if image.mode.startswith("I"):
        return _deep(image)
    if image.has_transparency_data:
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image if image.mode in _DIRECT else image.convert("RGB"))


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
