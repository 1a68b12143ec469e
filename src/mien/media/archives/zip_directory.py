"""The directory of a zip, checked before and after the module zipfile reads it into memory."""

import struct
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Final

from mien.limits import MAX_DIRECTORY_BYTES, MAX_MEMBERS

_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_ENTRY: Final = b"PK\x01\x02"
_LOCAL_HEADER: Final = 30
_LONGEST_COMMENT: Final = (1 << 16) - 1


def check_directory(path: Path) -> None:
    """Check the size of a zip's directory, and the number of its entries.

    Raises:
        zipfile.BadZipFile: There are too many.
    """
    with path.open("rb") as stream:
        size, end = _directory(stream)
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


def _directory(stream: IO[bytes]) -> tuple[int, int]:
    """Return the size of the directory in bytes, and where it ends; 0 if there is none."""
    whole = stream.seek(0, 2)
    start = max(0, whole - _END.size - _LONGEST_COMMENT)
    stream.seek(start)
    tail = stream.read(whole - start)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        return 0, 0
    size = _END.unpack_from(tail, at)[5]
    return _directory_64(stream, start + at) or (size, start + at)


def _directory_64(stream: IO[bytes], end: int) -> tuple[int, int] | None:
    """The same by the records of a zip of 64 bits, which precede the end record."""
    if end < _LOCATOR.size + _END_64.size:
        return None
    stream.seek(end - _LOCATOR.size - _END_64.size)
    content = stream.read(_LOCATOR.size + _END_64.size)
    record, locator = _END_64.unpack_from(content), _LOCATOR.unpack_from(content, _END_64.size)
    if locator[0] != b"PK\6\7" or record[0] != b"PK\6\6":
        return None
    return record[8], end - len(content)
