"""Width and height of an image from its header alone.

A few hundred bytes can decode to gigabytes. Whoever decodes an image looks here first.
"""

import re
import struct
from collections.abc import Callable
from typing import Final

Size = tuple[int, int]
"""Width and height in pixels."""

_FRAMES: Final = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame header (ITU T.81, table B.1)."""

_BARE: Final = {0x01, *range(0xD0, 0xD9)}
"""JPEG markers that carry no length."""

_PNM: Final = re.compile(rb"P[1-6](?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})\s")


def image_size(content: bytes) -> Size | None:
    """Return the size that an image's header declares, or None if it is no known image."""
    for magic, read in _READERS:
        if magic.match(content):
            try:
                return read(content)
            except (struct.error, IndexError):
                return None  # the header itself is cut off
    return None


def _png(content: bytes) -> Size:
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg(content: bytes) -> Size | None:
    position = 2
    while (position := content.find(b"\xff", position)) >= 0:
        marker = content[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, position + 5)
            return width, height
        elif marker in _BARE or marker == 0:
            position += 2
        else:
            position += 2 + struct.unpack_from(">H", content, position + 2)[0]
    return None


def _bmp(content: bytes) -> Size:
    old = struct.unpack_from("<I", content, 14)[0] == 12
    width, height = struct.unpack_from("<HH" if old else "<ii", content, 18)
    return abs(width), abs(height)


def _gif(content: bytes) -> Size:
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _webp(content: bytes) -> Size | None:
    kind = content[12:16]
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _pnm(content: bytes) -> Size | None:
    match = _PNM.match(content)
    return (int(match[1]), int(match[2])) if match else None


def _tiff(content: bytes) -> Size | None:
    order = "<" if content[:2] == b"II" else ">"
    start = struct.unpack_from(order + "I", content, 4)[0]
    size: dict[int, int] = {}
    for entry in range(struct.unpack_from(order + "H", content, start)[0]):
        at = start + 2 + 12 * entry
        tag, kind = struct.unpack_from(order + "HH", content, at)
        if tag in {256, 257}:
            size[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), content, at + 8)[0]
    return (size[256], size[257]) if len(size) == 2 else None


_READERS: Final[tuple[tuple[re.Pattern[bytes], Callable[[bytes], Size | None]], ...]] = (
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), _webp),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"II\*\0|MM\0\*"), _tiff),
    (re.compile(rb"BM"), _bmp),
    (re.compile(rb"P[1-6][\s#]"), _pnm),
)
