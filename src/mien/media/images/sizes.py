"""The size of an image from its header, before it is decoded: the pipeline plans its memory by it."""

import io
import os
from pathlib import Path
from typing import IO, Final

import numpy as np
from PIL import Image

from mien.media.images.decoding import FORMATS
from mien.media.images.quiet import QUIET_PILLOW
from mien.media.images.reading import ImageLike

_Encoded = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]

UNKNOWN: Final = 24_000_000
"""Pixels that are assumed where a header can't be read: as many as a good camera takes."""


def declared_size(source: Path | bytes) -> tuple[int, int] | None:
    """Return the width and height that a file's header declares; None if it is no readable image.

    Args:
        source: The path of a regular file, or the bytes of one.

    Raises:
        OSError: The file can't be opened.
    """
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as stream, QUIET_PILLOW:
        try:
            with Image.open(stream, formats=FORMATS) as image:
                return image.size
        except Exception:  # noqa: BLE001 - decoders raise many types for malformed bytes
            return None


def pixels_of(image: ImageLike) -> int:
    """Return about how many pixels an image has; 0 for a file that can't be opened."""
    if isinstance(image, np.ndarray):
        return image.size // 3
    if isinstance(image, Image.Image):
        return image.width * image.height
    try:
        size = _declared(image)
    except OSError:
        return 0
    return UNKNOWN if size is None else size[0] * size[1]


def _declared(source: _Encoded) -> tuple[int, int] | None:
    """The size of bytes or of a regular file; a pipe or an open file is read once, when it is decoded."""
    if isinstance(source, bytes | bytearray | memoryview):
        return declared_size(bytes(source))
    if not isinstance(source, str | os.PathLike):
        return None
    path = Path(os.fsdecode(source))
    return declared_size(path) if path.is_file() else None
