"""What deepface and fer accept as an image: paths, addresses, data URIs, open files, BGR arrays."""

import base64
import io
import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import ImageError
from mien.files.bounded import read_address
from mien.limits import MAX_IMAGE_BYTES
from mien.media.images.reading import ImageLike, read_image

WEB_TIMEOUT: Final = 60.0
"""Timeout in seconds of an address, that of deepface."""


class UnreadableTypeError(ImageError):
    """The value is of a type that no image has."""


def read_pixels(source: object) -> NDArray[np.uint8]:
    """Return an image as deepface and fer accept it.

    Args:
        source: A path; an address (http:// or https://); a data URI ("data:image/png;base64,…"); a file
            opened with "rb"; or an array in BGR or gray, uint8 or float from 0 to 1 or 0 to 255.

    Returns:
        RGB uint8 (height, width, 3), upright.

    Raises:
        UnreadableTypeError: It is none of these.
        ImageError: It can't be read or fetched.
    """
    return read_image(_readable(source), bgr=True)


def _readable(source: object) -> ImageLike:
    if isinstance(source, np.ndarray):
        return _levels(source)
    if isinstance(source, str) and source.startswith("data:image/"):
        return _of_data_uri(source)
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        return _fetched(source)
    is_file = hasattr(source, "read") and not isinstance(source, io.TextIOBase)
    if is_file or isinstance(source, str | os.PathLike):
        return source  # type: ignore[return-value]
    raise UnreadableTypeError(
        f"an image of type {type(source).__name__}: expected a path, an address, a data URI, a file opened "
        "with 'rb' or a numpy array in BGR"
    )


def _levels(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return an array; floats from 0 to 255 become uint8."""
    is_float = np.issubdtype(pixels.dtype, np.floating)
    if is_float and pixels.size and np.isfinite(pixels).all() and pixels.max() > 1:
        return pixels.round().clip(0, 255).astype(np.uint8)
    return pixels


def _of_data_uri(uri: str) -> bytes:
    try:
        return base64.b64decode(uri.partition(",")[2], validate=True)
    except ValueError as error:  # also binascii.Error
        raise ImageError(f"{uri[:32]}…: not a data URI in base64 ({error})") from error


def _fetched(address: str) -> bytes:
    """Return the content of an address; the caller passed it to have it fetched."""
    try:
        return read_address(address, MAX_IMAGE_BYTES, WEB_TIMEOUT)
    except OSError as error:
        raise ImageError(f"{address}: can't be fetched ({error})") from error
