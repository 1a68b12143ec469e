"""The mark in annotated images and videos: that mien wrote them, and from which source.

A later run finds its earlier output by it, and does not take annotated files as input. Images carry the
mark in EXIF. Videos carry it as a comment; it is found by a free box at the end of an MP4, which players skip
(ISO/IEC 14496-12, 8.1.2), and at the beginning of other containers.
"""

import os
import struct
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import ExifTags, Image

from mien.files.bounded import BoundedReader
from mien.media.images.headers import opened_image
from mien.media.images.quiet import QUIET_PILLOW

FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""Pillow's format of an annotated image by its ending."""

MARK: Final = "mien (annotated)"
"""Value of the EXIF tag Software."""

_SOFTWARE, _DESCRIPTION = ExifTags.Base.Software, ExifTags.Base.ImageDescription
_BOXED: Final = frozenset({".mp4", ".m4v", ".mov"})
_COMMENTED: Final = frozenset({".mkv", ".webm", ".avi"})
_HEAD: Final = 1 << 14
_KEY_LENGTH: Final = 16
_BOX: Final = struct.Struct(f">I4s{len(MARK)}s{_KEY_LENGTH}s")


def source_key(source: str) -> str:
    """Return the key of a source: a hash, so that annotated files don't disclose its path.

    A path below the working directory is taken relative to it, so that the directory can be moved.
    """
    path = Path(source)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return sha256(os.fsencode(path)).hexdigest()[:_KEY_LENGTH]


def origin_exif(key: str) -> Image.Exif:
    """Return the EXIF of an annotated image whose source has this key."""
    exif = Image.Exif()
    exif[_SOFTWARE], exif[_DESCRIPTION] = MARK, key
    return exif


def mark_video(path: Path, key: str, ending: str = ".mp4") -> None:
    """Append the mark to an MP4 whose source has this key; containers with other endings are not changed."""
    if ending.lower() not in _BOXED:
        return
    with path.open("ab") as stream:
        stream.write(_BOX.pack(_BOX.size, b"free", MARK.encode(), key.encode()))


def read_origin(path: Path) -> str | None:
    """Return the key of the source of an annotated image or video; None for any other file.

    The key is empty if the container has none. Takes about 0.04 ms: only the beginning or the end of the
    file is read.
    """
    if not path.is_file():  # reading a pipe would never end
        return None
    try:
        if path.suffix.lower() in _BOXED:
            return _read_video(path)
        if path.suffix.lower() in _COMMENTED:
            return _read_comment(path)
        return _read_image(path) if path.suffix.lower() in FORMATS else None
    except Exception:  # noqa: BLE001 - decoders raise many types for malformed bytes
        return None


def is_annotated(path: Path) -> bool:
    """Return whether a file is an annotated image or video that mien wrote."""
    return read_origin(path) is not None


def _read_image(path: Path) -> str | None:
    with QUIET_PILLOW, BoundedReader(path) as stream, opened_image(stream, tuple(FORMATS.values())) as image:
        if "exif" not in image.info:  # getexif would decode a whole PNG to search behind its pixels
            return None
        exif = image.getexif()
        return str(exif.get(_DESCRIPTION, "")) if exif.get(_SOFTWARE) == MARK else None


def _read_video(path: Path) -> str | None:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _BOX.size))
        end = stream.read(_BOX.size)
    if len(end) < _BOX.size:
        return None
    _, kind, mark, key = _BOX.unpack(end)
    return key.decode("ascii", "replace") if (kind, mark) == (b"free", MARK.encode()) else None


def _read_comment(path: Path) -> str | None:
    with path.open("rb") as stream:
        return "" if MARK.encode() in stream.read(_HEAD) else None
