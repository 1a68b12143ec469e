"""Headers that would take much time or memory are refused before Pillow reads them."""

import io
import struct
from contextlib import nullcontext, suppress

import pytest
from PIL import Image

from mien.errors import ImageError
from mien.limits import MAX_METADATA_ITEMS
from mien.media.images.headers import FORMATS, check_headers, opened_image
from mien.media.images.reading import read_image
from mien.media.images.sizes import declared_size


def encoded(kind, mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, (20, 10), 7).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(*entries, order="<", big=False):
    """A TIFF of one directory with entries (tag, type, count, value); its pixels are missing."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    head += struct.pack(
        order + ("HHQQ" if big else "LH"), *((8, 0, 16, len(entries)) if big else (8, len(entries)))
    )
    return head + b"".join(struct.pack(order + ("HHQQ" if big else "HHLL"), *entry) for entry in entries)


def chunk(kind, content=b""):
    return struct.pack(">I", len(content)) + kind + content + b"crc "


def segment(mark, content=b""):
    return b"\xff" + bytes([mark]) + struct.pack(">H", len(content) + 2) + content


MANY = MAX_METADATA_ITEMS + 2
SIZE = ((256, 4, 1, 100), (257, 4, 1, 100))
HOSTILE = {
    "PGM of newlines": (b"P5" + b"\n" * 10_000 + b"1 1 255 x", "PNM image whose header"),
    "PGM of comments": (b"P2\n" + b"#\n" * 10_000 + b"1 1 255 1", "PNM image whose header"),
    "PGM of one long comment": (b"P2\n#" + b"x" * 10_000 + b"\n1 1 255 1", "PNM image whose header"),
    "TIFF of two widths": (tiff(*SIZE, (256, 4, 1, 30_000)), "tag 256 is there twice"),
    "big-endian TIFF": (tiff(*SIZE, (257, 4, 1, 30_000), order=">"), "tag 257 is there twice"),
    "BigTIFF": (tiff(*SIZE, (257, 4, 1, 30_000), big=True), "tag 257 is there twice"),
    "TIFF of many values": (tiff(*SIZE, (273, 4, 1 << 24, 8)), "tag 273 has 16777216 values"),
    "TIFF of large tiles": (tiff(*SIZE, (322, 4, 1, 30_000), (323, 4, 1, 30_000)), "tiles of over 16 mega"),
    "PNG of chunks": (b"\x89PNG\r\n\x1a\n" + chunk(b"tiNy") * MANY, "chunks"),
    "PNG of empty pixels": (b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT") * MANY, "chunks"),
    "JPEG of segments": (b"\xff\xd8" + segment(0xE5) * MANY, "segments"),
    "JPEG of junk": (b"\xff\xd8" + b"j" * MANY, "segments"),
    "JPEG of fill bytes": (b"\xff\xd8" + b"\xff" * MANY, "segments"),
    "JPEG of ends": (b"\xff\xd8" + b"\xff\xd9" * MANY, "segments"),
    "JPEG of EXIF": (b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 20, "1 MB of EXIF"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_are_refused(name):
    content, words = HOSTILE[name]
    with pytest.raises(ImageError, match=words):
        read_image(content)
    assert declared_size(content) is None


@pytest.mark.parametrize("kind", FORMATS)
def test_headers_of_images_pass(kind):
    content = encoded(kind)
    with opened_image(io.BytesIO(content)) as image:
        assert image.size == (20, 10)
    for cut in range(40):
        with nullcontext() if kind != "JPEG2000" else suppress(ImageError):  # its boxes have lengths
            check_headers(io.BytesIO(content[:cut]))


@pytest.mark.parametrize(
    "content",
    [
        b"P5\n# made by hand\n# twice\n2 1\n255\n" + bytes(2),
        b"P5 2 1 255 " + bytes(2),
        b"P5 2 1 255 \n" + bytes(5000),
        b"P2 2 1 9\r# some\r 1 2\r",
        encoded("TIFF", compression="tiff_lzw"),
        encoded("JPEG", exif=b"Exif\0\0" + bytes(60_000), comment=b"some"),
    ],
)
def test_usual_headers_pass(content):
    assert declared_size(content) in ((2, 1), (20, 10))
