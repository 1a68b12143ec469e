"""How large a picture will be, before it is decoded: what the pipeline plans its memory by."""

import os
from pathlib import Path
from typing import IO, Final

import numpy as np
from PIL import Image

from mien.media.images.image_size import image_size
from mien.media.images.reading import PictureLike

UNKNOWN: Final = 24_000_000
"""Pixels of a picture whose header doesn't tell: as many as a good camera takes."""

_HEAD: Final = 1 << 16


def pixels_of(picture: PictureLike) -> int:
    """Return about how many pixels a picture has; 0 for a file that can't be opened."""
    if isinstance(picture, np.ndarray):
        return picture.size // 3
    if isinstance(picture, Image.Image):
        return picture.width * picture.height
    try:
        size = image_size(_start(picture))
    except OSError:
        return 0
    return UNKNOWN if size is None else size[0] * size[1]


def _start(picture: str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]) -> bytes:
    """The first bytes, none of an open file: it is read once, when its turn comes."""
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture[:_HEAD])
    return _head(Path(os.fsdecode(picture))) if isinstance(picture, str | os.PathLike) else b""


def _head(path: Path) -> bytes:
    """The first bytes of a file; what is read from a pipe would be missing later."""
    if not path.is_file():
        return b""
    with path.open("rb") as stream:
        return stream.read(_HEAD)
