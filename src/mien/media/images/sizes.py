"""The size of an image from its header, before it is decoded: the pipeline plans its memory by it."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, TypeVar

import numpy as np
from PIL import Image

from mien.files.bounded import BoundedReader
from mien.media.images.headers import opened_image
from mien.media.images.memory import RGB_PIXEL, bytes_to_decode
from mien.media.images.quiet import QUIET_PILLOW
from mien.media.images.reading import ImageLike

_Encoded = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]

_Value = TypeVar("_Value")

UNKNOWN: Final = 24_000_000
"""Pixels that are assumed where a header can't be read: as many as a good camera takes."""


def declared_size(source: Path | bytes) -> tuple[int, int] | None:
    """Return the width and height that a file's header declares; None if it is no readable image.

    Args:
        source: The path of a regular file, or the bytes of one.

    Raises:
        OSError: The file can't be opened.
    """
    return _declared(source, lambda image: image.size)


def pixels_of(image: ImageLike) -> int:
    """Return about how many RGB pixels take as much memory as an image; 0 for a file that can't be opened."""
    if isinstance(image, np.ndarray):
        return image.size // 3
    if isinstance(image, Image.Image):
        return image.width * image.height
    try:
        source = _source(image)
        size = None if source is None else _declared(source, bytes_to_decode)
    except OSError:
        return 0
    return UNKNOWN if size is None else size // RGB_PIXEL


def _source(image: _Encoded) -> Path | bytes | None:
    """Bytes or a regular file; a pipe or an open file is read once, when it is decoded."""
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image)
    if not isinstance(image, str | os.PathLike):
        return None
    path = Path(os.fsdecode(image))
    return path if path.is_file() else None


def _declared(source: Path | bytes, of: Callable[[Image.Image], _Value]) -> _Value | None:
    """Return what a function finds in the header of an image; None if it is no readable image."""
    with BoundedReader(source) if isinstance(source, Path) else io.BytesIO(source) as stream, QUIET_PILLOW:
        try:
            with opened_image(stream) as image:
                return of(image)
        except Exception:  # noqa: BLE001 - decoders raise many types for malformed bytes
            return None
