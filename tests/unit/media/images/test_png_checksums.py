"""Pixels of a PNG whose checksum differs are refused."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from mien.errors import ImageError
from mien.media.images.png_checksums import verify_pixels
from mien.media.images.reading import decode, read_image


def png() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(stream, "png")
    return stream.getvalue()


def damaged(at: int = 12) -> bytes:
    """A PNG whose compressed pixels are stored, not deflated, with another value: only checksums tell."""
    content = png()
    start = content.index(b"IDAT") - 4
    rows = zlib.decompress(content[start + 8 : start + 8 + int.from_bytes(content[start : start + 4], "big")])
    data = zlib.compress(rows, 0)
    chunk = struct.pack(">I", len(data)) + b"IDAT" + data + struct.pack(">I", zlib.crc32(b"IDAT" + data))
    flipped = bytearray(chunk)
    flipped[8 + at] ^= 1
    return content[:start] + bytes(flipped) + content[content.index(b"IEND") - 4 :]


@pytest.mark.parametrize(
    "read", [decode, read_image, lambda content: read_image(Image.open(io.BytesIO(content)))]
)
def test_changed_pixels_are_refused(read) -> None:
    read(png())
    with pytest.raises(ImageError, match="the checksum of its pixels differs"):
        read(damaged())


def test_the_position_is_kept_and_other_files_pass() -> None:
    for content in (png(), b"", b"\xff\xd8 no png", png()[:40], png()[:10]):
        stream = io.BytesIO(content)
        stream.seek(5)
        verify_pixels(stream)
        assert stream.tell() == 5


@pytest.mark.parametrize("missing", [13, 16, 20])
def test_pixels_that_end_early_are_refused(missing: int) -> None:
    """All rows may be there even so, from other bytes."""
    with pytest.raises(ImageError, match="damaged or cut off"):
        decode(png()[:-missing])
