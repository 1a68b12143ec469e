"""The checksums of the pixels of a PNG (PNG 3rd edition, 5.3). Pillow verifies those of all other chunks."""

import zlib
from typing import IO, Final

from mien.errors import ImageError

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PIXELS: Final = b"IDAT"
_BLOCK: Final = 1 << 20


def verify_pixels(stream: IO[bytes]) -> None:
    """Verify the checksums of the pixels of a PNG; any other file passes. The position is kept.

    Raises:
        ImageError: A checksum differs, or the pixels end early. Pillow reports that only if a row is missing.
    """
    before = stream.tell()
    try:
        stream.seek(0)
        if stream.read(len(_SIGNATURE)) == _SIGNATURE:
            _verify_chunks(stream)
    finally:
        stream.seek(before)


def _verify_chunks(stream: IO[bytes]) -> None:
    while len(head := stream.read(8)) == 8 and head[4:] != b"IEND":
        length = int.from_bytes(head[:4], "big")
        if head[4:] != _PIXELS:
            stream.seek(length + 4, 1)
            continue
        found, stated = _checksum(stream, length), stream.read(4)
        if len(stated) < 4:
            raise ImageError("an image that is damaged or cut off (its pixels end early)")
        if found != int.from_bytes(stated, "big"):
            raise ImageError("a damaged PNG: the checksum of its pixels differs; copy or download it again")


def _checksum(stream: IO[bytes], length: int) -> int:
    value = zlib.crc32(_PIXELS)
    while length and (block := stream.read(min(length, _BLOCK))):
        value = zlib.crc32(block, value)
        length -= len(block)
    return value
