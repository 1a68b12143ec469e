"""Checks of the headers of an image before Pillow reads them: of what would take much time or memory."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from PIL import Image
from PIL.JpegImagePlugin import MARKER

from mien.errors import ImageError
from mien.limits import MAX_EXIF_BYTES, MAX_METADATA_ITEMS, MAX_PIXELS, MAX_PNM_HEADER
from mien.media.images import jpeg2000

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "JPEG2000")
"""Formats that Pillow may decode: not those that run programs (EPS) or that match any bytes (TGA)."""

_SEGMENTS: Final = {bytes([mark & 0xFF]): read is not None for mark, (_, _, read) in MARKER.items()}
"""Whether a marker of a JPEG is followed by a length and as many bytes."""

_SCAN: Final = b"\xda"
"""The marker before the pixels."""

_BYTE_TYPES: Final = {1, 2, 6, 7}
"""TIFF types that Pillow keeps as bytes; it makes a Python object of each value of the others."""

_TILE_WIDTH, _TILE_LENGTH = 322, 323
"""Tags of a TIFF."""

_LONGEST_TILE: Final = MAX_PIXELS // 4


@contextmanager
def opened_image(stream: IO[bytes], formats: tuple[str, ...] = FORMATS) -> Iterator[Image.Image]:
    """Open an image with Pillow if its headers are of a plausible size.

    Args:
        stream: A file that can be sought, at its start.
        formats: Pillow's names of the formats to accept.

    Raises:
        ImageError: Its headers are not plausible.
        Exception: Pillow raises many types for malformed bytes.
    """
    check_headers(stream)
    stream.seek(0)
    with Image.open(stream, formats=formats) as image:
        yield image


def check_headers(stream: IO[bytes]) -> None:
    """Check the headers of an image; what is no image passes.

    Raises:
        ImageError: There are too many of them, or they contradict each other.
    """
    stream.seek(0)
    start = stream.read(16)
    if start[:2] == b"\xff\xd8":
        _check_jpeg(stream)
    elif start[:8] == b"\x89PNG\r\n\x1a\n":
        _check_png(stream)
    elif start[:1] == b"P" and start[1:2] in b"1234567fFy":
        _check_pnm(stream)
    elif start.startswith((jpeg2000.BOXES, jpeg2000.CODESTREAM)):
        jpeg2000.check(stream)
    elif start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        _check_tiff(stream, start)


def _check_pnm(stream: IO[bytes]) -> None:
    """Pillow reads the header of a PNM byte by byte, as long as it is white space or comments."""
    stream.seek(0)
    start = stream.read(MAX_PNM_HEADER)
    words = [word for line in start.replace(b"\r", b"\n").split(b"\n") for word in _before_comment(line)]
    if len(start) == MAX_PNM_HEADER and len(words) < 5:  # the fifth is behind the header, which has four
        raise ImageError(f"a PNM image whose header has over {MAX_PNM_HEADER} bytes; write it again")


def _before_comment(line: bytes) -> list[bytes]:
    return line.partition(b"#")[0].split()


def _check_jpeg(stream: IO[bytes]) -> None:
    """Walk over the segments before the pixels, as Pillow does: bytes between them are skipped one by one."""
    stream.seek(2)
    exif = count = 0
    while mark := stream.read(1):
        count += 1
        kind = stream.read(1) if mark == b"\xff" else b"\0"
        if kind == b"\xff":
            stream.seek(-1, 1)
        elif kind != b"\0" and (kind not in _SEGMENTS or kind == _SCAN):
            return
        elif kind != b"\0" and _SEGMENTS[kind]:
            start = stream.tell()
            size = int.from_bytes(stream.read(2), "big")
            exif += size if stream.read(4) == b"Exif" else 0
            stream.seek(start + size)
        if exif > MAX_EXIF_BYTES or count > MAX_METADATA_ITEMS:
            raise ImageError(
                f"a JPEG with over {MAX_METADATA_ITEMS} segments, or over {MAX_EXIF_BYTES >> 20} MB of EXIF; "
                "save it again without its metadata"
            )


def _check_png(stream: IO[bytes]) -> None:
    stream.seek(8)
    count = 0
    while len(head := stream.read(8)) == 8 and head[4:] != b"IEND":
        count += head[4:] != b"IDAT" or head[:4] < b"\0\0\1\0"  # small ones of pixels count, too
        if count > MAX_METADATA_ITEMS:
            raise ImageError(f"a PNG of over {MAX_METADATA_ITEMS} chunks; save it again")
        stream.seek(int.from_bytes(head[:4], "big") + 4, 1)


def _check_tiff(stream: IO[bytes], start: bytes) -> None:
    order, is_big = ("<" if start[:1] == b"I" else ">"), b"+" in start[:4]
    values: dict[int, int] = {}
    for tag, kind, count, value in _entries(stream, start, order, is_big=is_big):
        if tag in values:
            raise ImageError(f"a damaged TIFF: its tag {tag} is there twice; save it again")
        if count > MAX_METADATA_ITEMS and kind not in _BYTE_TYPES:
            raise ImageError(
                f"a TIFF whose tag {tag} has {count} values, expected {MAX_METADATA_ITEMS} at most"
            )
        values[tag] = _number(value, kind, order)
    if values.get(_TILE_WIDTH, 0) * values.get(_TILE_LENGTH, 0) > _LONGEST_TILE:
        raise ImageError(f"a TIFF with tiles of over {_LONGEST_TILE // 1_000_000} megapixels; save it again")


def _entries(
    stream: IO[bytes], start: bytes, order: str, *, is_big: bool
) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield tag, type, number of values, and the value or its place, of the first directory of a TIFF."""
    place, number, entry = ("Q", "Q", "HHQ8s") if is_big else ("L", "H", "HHL4s")
    head = start[8:16] if is_big else start[4:8]
    if len(head) < struct.calcsize(order + place):
        return
    stream.seek(min(struct.unpack(order + place, head)[0], 1 << 62))
    read = stream.read(struct.calcsize(order + number))
    if len(read) < struct.calcsize(order + number):
        return
    size = struct.calcsize(order + entry)
    content = stream.read(min(struct.unpack(order + number, read)[0], 1 << 16) * size)
    yield from struct.iter_unpack(order + entry, content[: len(content) // size * size])


def _number(value: bytes, kind: int, order: str) -> int:
    """The value of an entry that is one number of 16 or 32 bits."""
    code = {3: "H", 4: "L"}.get(kind)
    return 0 if code is None else int(struct.unpack_from(order + code, value)[0])
