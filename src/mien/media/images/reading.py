"""Any image to the pixels that a person sees: the one decoder of training data and recognition.

Pillow decodes. OpenCV would take 0.6 of the time for a JPEG of 12 megapixels, but it accepts damaged
data and writes about it to stderr.
"""

import io
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import IO, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.errors import ImageError
from mien.files.bounded import BoundedReader, read_up_to
from mien.limits import MAX_STREAM_BYTES
from mien.media.images.decoding import (
    WHOLE,
    Decoded,
    DecodeOptions,
    TruncatedError,
    decode_pillow,
    decode_stream,
)
from mien.media.images.pixels import Pixels, eight_bit, with_channels
from mien.media.images.quiet import QUIET_PILLOW

T = TypeVar("T")

ImageLike = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Image.Image | Pixels
)  # fmt: skip
"""A path, an encoded image or an open file of one, a Pillow image, or `mien.media.images.pixels.Pixels`."""

UNNAMED: Final = "the given bytes"
"""How errors name an image that was given as bytes."""

TRUNCATED_REMEDY: Final = "pass tolerate_truncated=True to process what is there"
"""What errors advise for a JPEG that ends early."""

IMAGE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif"}
    | {".tiff", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".avif", ".jp2", ".j2k", ".heic", ".heif"}
)
"""Suffixes of images in a folder. HEIC is among them to be reported rather than overlooked."""


def is_one_image(images: object) -> bool:
    """Return whether something is no iterable of images, such as a path, the bytes of a file or a number."""
    is_file = isinstance(images, str | bytes | bytearray | memoryview | io.IOBase)
    return is_file or not isinstance(images, Iterable) or getattr(images, "shape", None) == ()


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
        return with_channels(_read(source, bgr=bgr).pixels, 3)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error.__cause__


def read_decoded(source: ImageLike, *, bgr: bool = False, options: DecodeOptions = WHOLE) -> Decoded:
    """Return an image as `read_image` does, in RGB, perhaps reduced or truncated.

    Args:
        source: As `read_image` takes it; files and bytes may be reduced.
        bgr: As `read_image`.
        options: Which JPEGs are reduced, and whether those that end early are decoded.

    Raises:
        ImageError: As `read_image`, which has no options, for a JPEG that ends early.
    """
    name = _name(source)
    try:
        decoded = _read(source, bgr=bgr, options=options)
        return replace(decoded, pixels=with_channels(decoded.pixels, 3))
    except TruncatedError as error:
        raise ImageError(f"{name}: {error}; {TRUNCATED_REMEDY}") from error.__cause__
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error.__cause__


def encoded_image(source: ImageLike, *, bgr: bool = False, lossy: bool = False) -> bytes:
    """Return an image as the bytes of a file: those of a file unchanged, pixels as PNG or JPEG.

    Args:
        source: As `read_image` takes it. Files and bytes are not decoded, so they may be anything.
        bgr: As `read_image`.
        lossy: Encode pixels as JPEG, which takes a third of the time, instead of PNG.

    Raises:
        ImageError: A file can't be read, or has more than 128 MB; or pixels are not as `read_image` takes.
    """
    try:
        if isinstance(source, np.ndarray | Image.Image):
            pixels = Image.fromarray(np.ascontiguousarray(_read(source, bgr=bgr).pixels))
            stream = io.BytesIO()
            pixels.save(stream, "JPEG" if lossy else "PNG", quality=92, compress_level=1)
            return stream.getvalue()
        if isinstance(source, str | os.PathLike):
            return _read_file(os.fsdecode(source), _all_of)
        return _content(source)
    except ImageError as error:
        raise ImageError(f"{_name(source)}: {error}") from error.__cause__


def decode(content: bytes) -> NDArray[np.uint8]:
    """Decode an image as `read_image` does; return gray (height, width) or RGB (height, width, 3).

    Raises:
        ImageError: As `read_image`. The message doesn't name the file.
    """
    with QUIET_PILLOW:
        return decode_stream(io.BytesIO(content)).pixels


def _name(source: ImageLike) -> str:
    """What an error calls the source."""
    if isinstance(source, np.ndarray):
        return "the array"
    if isinstance(source, Image.Image):
        return "the image"
    if isinstance(source, str | os.PathLike):
        return os.fsdecode(source) or "the image"
    if isinstance(source, bytes | bytearray | memoryview):
        return UNNAMED
    readable = hasattr(source, "read") and not isinstance(source, io.TextIOBase)
    return "the given file" if readable else type(source).__name__


def _read(source: ImageLike, *, bgr: bool, options: DecodeOptions = WHOLE) -> Decoded:
    if isinstance(source, np.ndarray):
        pixels = eight_bit(source, bgr=bgr)
        return Decoded(pixels, (pixels.shape[1], pixels.shape[0]))
    with QUIET_PILLOW:
        if isinstance(source, Image.Image):
            return decode_pillow(source)
        if isinstance(source, str | os.PathLike):
            return _read_file(os.fsdecode(source), partial(_decode_file, options=options))
        return decode_stream(io.BytesIO(_content(source)), options)


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


def _decode_file(stream: BoundedReader, options: DecodeOptions) -> Decoded:
    piped = not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    return decode_stream(io.BytesIO(_all_of(stream)) if piped else stream, options)


def _read_file(path: str, read: Callable[[BoundedReader], T]) -> T:
    try:
        with BoundedReader(path) as stream:
            return read(stream)
    except IsADirectoryError as error:
        raise ImageError("a folder, expected an image") from error
    except FileNotFoundError as error:
        problem = "there is no such file" if path else "an empty name, expected the path of an image"
        raise ImageError(problem) from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"can't be read ({reason})") from error


def _all_of(pipe: IO[bytes]) -> bytes:
    content = read_up_to(pipe, MAX_STREAM_BYTES + 1)
    if len(content) > MAX_STREAM_BYTES:
        raise ImageError(f"more than {MAX_STREAM_BYTES >> 20} MB, expected an image")
    return content
