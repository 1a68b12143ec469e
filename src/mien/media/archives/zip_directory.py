"""The directory of a zip, checked before and after the module zipfile reads it into memory."""

import struct
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Final, NamedTuple

from mien.limits import MAX_DIRECTORY_BYTES, MAX_MEMBERS

_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_ENTRY: Final = b"PK\x01\x02"
_LOCAL_HEADER: Final = 30
_LONGEST_COMMENT: Final = (1 << 16) - 1


class Directory(NamedTuple):
    """What the end records of a zip state about its directory.

    Attributes:
        entries: Number of its entries; modulo 2**16 without records of 64 bits.
        size: In bytes.
        end: Offset in the file of its end.
    """

    entries: int
    size: int
    end: int


def check_directory(path: Path) -> None:
    """Check the size of a zip's directory, and the number of its entries.

    Raises:
        zipfile.BadZipFile: There are too many.
    """
    with path.open("rb") as stream:
        _, size, end = read_directory(stream)
        if size > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile(
                f"a directory of {size >> 20} MB, expected {MAX_DIRECTORY_BYTES >> 20} at most"
            )
        stream.seek(max(0, end - size))
        count = stream.read(size).count(_ENTRY)
    if count > MAX_MEMBERS:
        raise zipfile.BadZipFile(f"{count} files in it, expected {MAX_MEMBERS} at most")


def require_apart(files: Sequence[zipfile.ZipInfo]) -> None:
    """Check that no two files of a zip share compressed bytes, by which a small zip unpacks to a huge one.

    Raises:
        zipfile.BadZipFile: Two do.
    """
    for before, after in pairwise(sorted(files, key=lambda info: info.header_offset)):
        if before.header_offset + _LOCAL_HEADER + before.compress_size > after.header_offset:
            raise zipfile.BadZipFile(f"{before.filename} and {after.filename} overlap in it")


def read_directory(stream: IO[bytes]) -> Directory:
    """Return what the end records of a zip state; zeros if there are none."""
    whole = stream.seek(0, 2)
    start = max(0, whole - _END.size - _LONGEST_COMMENT)
    stream.seek(start)
    tail = stream.read(whole - start)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        return Directory(0, 0, 0)
    entries, size = _END.unpack_from(tail, at)[4:6]
    return _directory_64(stream, start + at) or Directory(entries, size, start + at)


def _directory_64(stream: IO[bytes], end: int) -> Directory | None:
    """The same by the records of a zip of 64 bits, which precede the end record."""
    if end < _LOCATOR.size + _END_64.size:
        return None
    stream.seek(end - _LOCATOR.size - _END_64.size)
    content = stream.read(_LOCATOR.size + _END_64.size)
    record, locator = _END_64.unpack_from(content), _LOCATOR.unpack_from(content, _END_64.size)
    if locator[0] != b"PK\6\7" or record[0] != b"PK\6\6":
        return None
    return Directory(record[7], record[8], end - len(content))
