"""The sample tables of MP4 and MOV files, checked before FFmpeg reads them.

FFmpeg makes an entry of about 70 bytes for each sample (frame). A table of samples of one size, or of a
fragment, declares any number of them in a few bytes (ISO/IEC 14496-12, 8.7.3 and 8.8.8).
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from mien.errors import ImageError
from mien.limits import MAX_EDITED_SAMPLES, MAX_SAMPLES

_FIRST: Final = frozenset(b"ftyp moov mdat free skip wide pnot PICT styp sidx moof uuid".split())
"""Types of the first box of a file."""

_DATA: Final = b"mdat"
_BLOCK: Final = 1 << 22
_LONGEST: Final = 20
"""Bytes of a table that are examined, from its type on."""


def check_sample_tables(path: Path) -> bool:
    """Check how many samples an MP4 or MOV declares; return whether a file is one.

    Raises:
        ImageError: More than fit into the file, or its header is compressed. It doesn't name the file.
        OSError: It can't be read.
    """
    size = path.stat().st_size
    samples = edits = 0
    with path.open("rb") as stream:
        if stream.read(8)[4:] not in _FIRST:
            return False
        for table in _tables(stream, size):
            samples += _samples_of(table)
            edits += _edits_of(table)
            if samples > max(MAX_SAMPLES, size) or samples * edits > max(MAX_EDITED_SAMPLES, size):
                raise ImageError(
                    f"a video that declares {samples:,} frames and {edits:,} edits, more than a file of "
                    f"{size:,} bytes has room for; is it damaged?"
                )
    return True


def _tables(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield the beginning of each table, from its type on, wherever it is: FFmpeg accepts it in any box."""
    position = 0
    while position + 8 <= size:
        stream.seek(position)
        head = stream.read(16)
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        end = min(size, position + length) if length >= 8 else size
        if kind != _DATA:
            yield from _tables_between(stream, position, end)
        position = end


def _tables_between(stream: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    stream.seek(start)
    rest = b""
    while start < end:
        block = stream.read(min(_BLOCK, end - start))
        if not block:
            return
        start += len(block)
        block, is_last = rest + block, start >= end
        searched = len(block) if is_last else len(block) - _LONGEST
        for kind in (b"stsz", b"stz2", b"trun", b"elst", b"cmov"):
            at = block.find(kind)
            while 0 <= at < searched:
                yield block[at : at + _LONGEST]
                at = block.find(kind, at + 4)
        rest = b"" if is_last else block[searched:]


def _samples_of(table: bytes) -> int:
    """Return the number of samples that a table declares.

    Raises:
        ImageError: The table is part of a compressed header.
    """
    kind, body = table[:4], table[4:].ljust(16, b"\0")
    if kind == b"cmov":
        raise ImageError("a MOV whose header is compressed; convert it to MP4")
    if kind in (b"stsz", b"stz2"):
        return int.from_bytes(body[8:12], "big")
    return int.from_bytes(body[4:8], "big") if kind == b"trun" else 0


def _edits_of(table: bytes) -> int:
    return int.from_bytes(table[8:12], "big") if table[:4] == b"elst" else 0
