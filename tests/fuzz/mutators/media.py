"""Changes of images and videos: PNG, JPEG, TIFF, GIF and MP4."""

import struct
import zlib
from random import Random

from fuzz.mutators.base import Mutator, junk, number
from fuzz.mutators.raw import RAW

_CHUNKS = (
    b"tEXt",
    b"zTXt",
    b"iTXt",
    b"iCCP",
    b"eXIf",
    b"tRNS",
    b"PLTE",
    b"gAMA",
    b"cHRM",
    b"acTL",
    b"fcTL",
    b"fdAT",
)
_CHUNKS += (
    b"sRGB",
    b"pHYs",
    b"IHDR",
    b"IDAT",
    b"IEND",
    b"abcd",
    b"ABCD",
    b"bKGD",
    b"sBIT",
    b"hIST",
    b"tIME",
    b"\0\0\0\0",
)


def _integer(content: bytes, rng: Random, order: str = "big") -> bytes:
    """Replace an integer of 1, 2 or 4 bytes."""
    if not content:
        return junk(rng)
    width = rng.choice([width for width in (1, 2, 4) if width <= len(content)])
    at = rng.randrange(len(content) - width + 1)
    before = int.from_bytes(content[at : at + width], order)
    value = number(rng, before, len(content)) % (1 << 8 * width)
    return content[:at] + value.to_bytes(width, order) + content[at + width :]


def _changed(parts: list[tuple[bytes, bytes]], rng: Random, kinds: tuple[bytes, ...]) -> None:
    """Change, remove, repeat, move or add a part, each a kind and its content."""
    at = rng.randrange(len(parts))
    kind, data = parts[at]
    what = rng.randrange(9)
    if what < 3:
        parts[at] = kind, _integer(data, rng)
    elif what == 3:
        parts[at] = kind, rng.choice(RAW).change(data, rng) if data else junk(rng)
    elif what == 4:
        del parts[at]
    elif what == 5:
        parts.insert(at, parts[at])
    elif what == 6:
        parts.insert(rng.randrange(len(parts) + 1), parts.pop(at))
    elif what == 7:
        parts[at] = rng.choice(kinds), data
    else:
        parts.insert(
            at, (rng.choice(kinds), rng.choice((b"", junk(rng), b"x\0\0" + zlib.compress(b"y" * 1000))))
        )


def png_chunks(content: bytes, rng: Random) -> bytes:
    """Change a chunk of a PNG; the checksums are valid afterwards."""
    at, chunks = 8, []
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    for _ in range(rng.choice((1, 1, 2))):
        _changed(chunks, rng, _CHUNKS)
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return content[:8] + b"".join(packed)


_MARKERS = tuple(
    bytes([0xFF, marker]) for marker in (0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC8, 0xC9, 0xCC, 0xDA, 0xDB, 0xDD)
)
_MARKERS += tuple(
    bytes([0xFF, marker]) for marker in (0xDE, 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE, 0xD8, 0xD9, 0xD0, 0x01)
)


def jpeg_segments(content: bytes, rng: Random) -> bytes:
    """Change a segment of a JPEG before its pixels."""
    at, segments = 2, []
    while content[at] == 0xFF and content[at + 1] != 0xDA:
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        segments.append((content[at : at + 2], content[at + 4 : at + 2 + length]))
        at += 2 + length
    for _ in range(rng.choice((1, 1, 2))):
        _changed(segments, rng, _MARKERS)
    packed = (kind + struct.pack(">H", min(65535, len(data) + 2)) + data for kind, data in segments)
    return content[:2] + b"".join(packed) + content[at:]


_TAGS = (
    254,
    256,
    257,
    258,
    259,
    262,
    266,
    273,
    274,
    277,
    278,
    279,
    282,
    284,
    317,
    320,
    322,
    323,
    324,
    325,
    330,
    338,
)
_TAGS += (339, 347, 512, 529, 530, 532, 700, 33723, 34377, 34665, 34675, 65535)


def tiff_tags(content: bytes, rng: Random) -> bytes:
    """Change, repeat or exchange an entry of the first directory of a TIFF."""
    order = "little" if content[:2] == b"II" else "big"
    start = int.from_bytes(content[4:8], order)
    count = int.from_bytes(content[start : start + 2], order)
    entries = [bytearray(content[start + 2 + 12 * n : start + 14 + 12 * n]) for n in range(count)]
    for _ in range(rng.choice((1, 1, 2))):
        _change_entry(entries, rng, order, len(content))
    end = start + 2 + 12 * count
    follow = content[end : end + 4] if rng.random() < 0.9 else start.to_bytes(4, order)
    directory = len(entries).to_bytes(2, order) + b"".join(entries) + follow
    return content[:4] + len(content).to_bytes(4, order) + content[8:] + directory  # moved to the end


def _change_entry(entries: list[bytearray], rng: Random, order: str, size: int) -> None:
    at, what = rng.randrange(len(entries)), rng.randrange(8)
    entry = entries[at]
    if what == 0:
        entry[:2] = rng.choice(_TAGS).to_bytes(2, order)
    elif what == 1:
        entry[2:4] = rng.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 65535)).to_bytes(2, order)
    elif what == 2:
        entry[4:8] = (number(rng, int.from_bytes(entry[4:8], order), size) % (1 << 32)).to_bytes(4, order)
    elif what == 3:
        entries.insert(at + 1, bytearray(entry))
        entry[8:12] = _integer(bytes(entry[8:12]), rng, order)
    elif what == 4 and len(entries) > 1:
        del entries[at]
    else:
        entry[8:12] = _integer(bytes(entry[8:12]), rng, order)


def gif_fields(content: bytes, rng: Random) -> bytes:
    """Replace a field of the screen, of an image or of an extension of a GIF."""
    starts = [6, *(at for at in range(13, len(content) - 10) if content[at] in (0x21, 0x2C))]
    at = rng.choice(starts)
    return content[:at] + _integer(content[at : at + 11], rng, "little") + content[at + 11 :]


_PARENTS = {
    b"moov",
    b"trak",
    b"mdia",
    b"minf",
    b"stbl",
    b"dinf",
    b"edts",
    b"udta",
    b"meta",
    b"moof",
    b"traf",
    b"mvex",
}
_BOXES = (
    b"moov",
    b"trak",
    b"stsz",
    b"stco",
    b"stts",
    b"stsc",
    b"stsd",
    b"mdat",
    b"free",
    b"elst",
    b"ctts",
    b"co64",
    b"uuid",
)


def _boxes(content: bytes) -> list[tuple[bytes, object]]:
    at, found = 0, []
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        size = len(content) - at if size < 8 else size
        inner = content[at + 8 : at + size]
        found.append((kind, _boxes(inner) if kind in _PARENTS else inner))
        at += size
    return found


def _joined(boxes: list[tuple[bytes, object]]) -> bytes:
    parts = ((kind, _joined(data) if isinstance(data, list) else data) for kind, data in boxes)
    return b"".join(struct.pack(">I", len(data) + 8) + kind + data for kind, data in parts)


def mp4_boxes(content: bytes, rng: Random) -> bytes:
    """Change, remove, repeat or move a box of an MP4 at any depth; sizes stay true."""
    boxes = _boxes(content)
    some = boxes
    while True:
        inner = [data for _, data in some if isinstance(data, list) and data]
        if not inner or rng.random() < 0.1:
            break
        some = rng.choice(inner)
    at = rng.randrange(len(some))
    data = some[at][1]
    if isinstance(data, list) and data:
        some = data
    _changed_box(some, rng)
    return _joined(boxes)


def _changed_box(boxes: list[tuple[bytes, object]], rng: Random) -> None:
    at, what = rng.randrange(len(boxes)), rng.randrange(7)
    kind, data = boxes[at]
    if what < 3 and isinstance(data, bytes):
        boxes[at] = kind, _integer(data[:64], rng) + data[64:]
    elif what == 3 and isinstance(data, bytes) and data:
        boxes[at] = kind, rng.choice(RAW).change(data, rng)
    elif what == 4:
        del boxes[at]
    elif what == 5:
        boxes.insert(at, boxes[at])
    else:
        boxes[at] = rng.choice(_BOXES), data


PNG = (*[Mutator(png_chunks, valid_checksums=True)] * 5,)
JPEG = (*[Mutator(jpeg_segments)] * 5,)
TIFF = (*[Mutator(tiff_tags)] * 6,)
GIF = (*[Mutator(gif_fields)] * 4,)
MP4 = (*[Mutator(mp4_boxes)] * 5,)
