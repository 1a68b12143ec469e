"""The headers of a JPEG 2000, checked before OpenJPEG allocates memory for what they declare.

Sources: ISO/IEC 15444-1, annex I (boxes) and annex A (the markers of the codestream).
"""

import struct
from collections.abc import Iterator
from typing import IO, Final

from mien.errors import ImageError
from mien.limits import MAX_CODE_BLOCKS, MAX_METADATA_ITEMS, MAX_TILES

BOXES: Final = b"\0\0\0\x0cjP  \r\n\x87\n"
"""The first box of a file."""

CODESTREAM: Final = b"\xff\x4f\xff\x51"
"""How a file without boxes begins, and the content of the box `jp2c`."""

_SIZES: Final = struct.Struct(">HHIIIIIIIIH")
_COD, _COC, _SOT, _SOD, _EOC = 0x52, 0x53, 0x90, 0x93, 0xD9
_MARKERS: Final = {
    0x50, 0x51, _COD, _COC, 0x55, 0x57, 0x58, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x63, 0x64, 0x74,
    0x75, 0x77, 0x78, _SOT,
}  # fmt: skip
"""Second bytes of the markers that are followed by a length."""

_LONGEST_HEADER: Final = 4 << 20
_CHANNELS: Final = 4


def check(stream: IO[bytes]) -> None:
    """Check the boxes and the codestream of a JPEG 2000.

    Args:
        stream: A file that can be sought.

    Raises:
        ImageError: A box is longer than the file, or there are too many tiles or code-blocks.
    """
    end = stream.seek(0, 2)
    stream.seek(0)
    start = _codestream(stream, end) if stream.read(len(BOXES)) == BOXES else 0
    stream.seek(start)
    head = stream.read(len(CODESTREAM) + _SIZES.size)
    if not head.startswith(CODESTREAM) or len(head) < len(CODESTREAM) + _SIZES.size:
        return  # Pillow reports it
    _, _, right, bottom, left, top, across, down, tile_left, tile_top, channels = _SIZES.unpack_from(
        head, len(CODESTREAM)
    )
    tiles = -((tile_left - right) // max(1, across)) * -((tile_top - bottom) // max(1, down))
    if channels > _CHANNELS or tiles * channels > MAX_TILES:
        raise ImageError(
            f"a JPEG 2000 of {tiles} tiles and {channels} channels, expected {_CHANNELS} channels and "
            f"{MAX_TILES // _CHANNELS} tiles at most; save it again"
        )
    block = min(_blocks(stream, start + 2, end), default=64 * 64)
    if max(0, right - left) * max(0, bottom - top) * channels > block * MAX_CODE_BLOCKS:
        raise ImageError(f"a JPEG 2000 of over {MAX_CODE_BLOCKS} code-blocks; save it with larger ones")


def _codestream(stream: IO[bytes], end: int) -> int:
    """Return the position of the first codestream.

    Raises:
        ImageError: A box before it is longer than the file, or there are too many.
    """
    position = len(BOXES)
    for _ in range(MAX_METADATA_ITEMS):
        stream.seek(position)
        length, kind = struct.unpack(">I4s", stream.read(8).ljust(8, b"\0"))
        header = 8
        if length == 1:
            header, length = 16, int.from_bytes(stream.read(8), "big")
        if kind == b"jp2c":
            return position + header
        if length < header or position + length > end or (kind == b"jp2h" and length > _LONGEST_HEADER):
            raise ImageError("a JPEG 2000 that is damaged or cut off: a box has a wrong length")
        position += length
    raise ImageError(f"a JPEG 2000 of over {MAX_METADATA_ITEMS} boxes; save it again")


def _blocks(stream: IO[bytes], position: int, end: int) -> Iterator[int]:
    """Yield the pixels of a code-block, by each marker that sets them for the image, a tile or a channel."""
    for kind, body in _segments(stream, position, end):
        if kind in (_COD, _COC):
            style, fields = (body[0], body[5:]) if kind == _COD else (body[1], body[2:])
            sides = [fields[1] & 15, fields[2] & 15]
            precincts = fields[5 : 6 + fields[0]] if style & 1 else b""
            across = min([sides[0] + 2, *(size & 15 for size in precincts)])
            down = min([sides[1] + 2, *(size >> 4 for size in precincts)])
            yield 1 << across + down


def _segments(stream: IO[bytes], position: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield second byte and content of the markers of all headers, and skip the data of the tiles.

    Raises:
        ImageError: There is an unknown or malformed one: OpenJPEG searches for the next then.
    """
    following = end
    for _ in range(MAX_METADATA_ITEMS):
        stream.seek(position)
        mark = stream.read(4)
        if len(mark) < 4 or mark[1] == _EOC or (position == following and mark[:2] != b"\xff\x90"):
            return
        if mark[1] == _SOD:
            position = following
            continue
        length = int.from_bytes(mark[2:], "big")
        body = stream.read(max(0, length - 2)).ljust(16, b"\0")
        if mark[0] != 0xFF or mark[1] not in _MARKERS or length < 2:
            raise ImageError("a JPEG 2000 with a damaged header")
        if mark[1] == _SOT:
            size = int.from_bytes(body[2:6], "big")
            following = position + size if size >= 14 else end
        yield mark[1], body
        position += length + 2
    raise ImageError(f"a JPEG 2000 with over {MAX_METADATA_ITEMS} markers; save it again")
