"""The entries of a zip, compared with what else the zip says about them.

The module zipfile reads entries until their directory ends, and takes no notice if some are missing: one
flipped bit in a length makes an entry contain the next ones.
"""

import os
import struct
import zipfile
from pathlib import Path
from typing import IO, Final, cast

from mien.limits import MAX_DICTIONARY
from mien.media.archives.zip_directory import read_directory

_HEADER: Final = struct.Struct("<4s5H3L2H")
_LZMA_HEADER: Final = 9
"""Bytes before the content of an entry that is packed by LZMA."""

_UTF8: Final = 0x800
_COUNTS: Final = 1 << 16
"""An end record of 16 bits counts modulo this number."""


def entries_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip, if they are as many as it declares, and named as their headers are.

    Raises:
        zipfile.BadZipFile: They are not, so that files would be missing or ignored.
    """
    entries, stream = archive.infolist(), cast(IO[bytes], archive.fp)
    _require_count(len(entries), stream)
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        name = _name(entry)
        if b"\0" in name or _name_in_header(stream, entry) != name:  # zipfile cuts names at null bytes
            raise zipfile.BadZipFile(f"the header of {entry.filename!r} is damaged")
    return entries


def _require_count(found: int, stream: IO[bytes]) -> None:
    declared = read_directory(stream).entries
    if found != declared and (declared >= _COUNTS or found % _COUNTS != declared):
        raise zipfile.BadZipFile(f"{found} files are listed in it, expected {declared}")


def require_small_dictionary(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Check how much memory it takes to unpack an entry: LZMA allocates what its properties declare.

    Raises:
        zipfile.BadZipFile: Too much.
    """
    if entry.compress_type != zipfile.ZIP_LZMA or archive.filename is None:
        return
    with Path(archive.filename).open("rb") as stream:
        stream.seek(entry.header_offset)
        header = stream.read(_HEADER.size)
        if len(header) == _HEADER.size:
            stream.seek(sum(_HEADER.unpack(header)[9:11]), os.SEEK_CUR)
        size = int.from_bytes(stream.read(_LZMA_HEADER)[5:], "little")  # version, length, lc/lp/pb, size
    if size > MAX_DICTIONARY:
        raise zipfile.BadZipFile(f"{entry.filename!r} needs {size >> 20} MB of memory to unpack")


def _name_in_header(stream: IO[bytes], entry: zipfile.ZipInfo) -> bytes:
    """Return the name in the header before the content of an entry."""
    stream.seek(entry.header_offset)
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(b"PK\3\4"):
        raise zipfile.BadZipFile(f"the header of {entry.filename!r} is missing")
    return stream.read(_HEADER.unpack(header)[9])


def _name(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")
