"""Whole files and answers of servers, read within a limit; devices, which may have no end, are refused."""

import errno
import io
import os
import stat
from pathlib import Path
from typing import IO, Final

_BLOCK: Final = 1 << 22


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the content of a file or a pipe.

    Args:
        path: What to read.
        limit: Bytes that it may have.

    Raises:
        OSError: It can't be read, is a device, or has more bytes; `strerror` says so.
    """
    with path.open("rb") as stream:
        kind = os.fstat(stream.fileno()).st_mode
        if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
            raise OSError(errno.EINVAL, "a device, expected a file", str(path))
        content = read_up_to(stream, limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"over {_shown(limit)}, the limit of such files", str(path))
    return content


def read_address(address: str, limit: int, timeout: float) -> bytes:
    """Return what an address, http:// or https://, answers with.

    Args:
        address: What to read; the caller decides whether it may be.
        limit: Bytes that it may have.
        timeout: Seconds to wait for the next bytes.

    Raises:
        OSError: It can't be read, is no address, or has more bytes.
    """
    import urllib.request  # slow to import, and rarely needed
    from http.client import HTTPException

    try:
        request = urllib.request.Request(address, headers={"User-Agent": "mien"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
            content = read_up_to(response, limit + 1)
    except (ValueError, HTTPException) as error:
        raise OSError(str(error) or type(error).__name__) from error
    if len(content) > limit:
        raise OSError(f"over {_shown(limit)}")
    return content


class BoundedReader(io.BufferedReader):
    """A file whose `read` allocates no more than the file has: decoders request what a header declares."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(io.FileIO(path))

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes, or the rest."""
        if size is not None and size > _BLOCK:
            size = min(size, max(0, os.fstat(self.fileno()).st_size - self.tell()))
        return super().read(size)


def read_up_to(stream: IO[bytes], most: int) -> bytes:
    """Return the next bytes of a stream, as many as there are, but not more than `most`.

    `stream.read(most)` would allocate `most` bytes at once, however few there are.
    """
    content = bytearray()
    while len(content) < most and (block := stream.read(min(_BLOCK, most - len(content)))):
        content += block
    return bytes(content)


def read_text(path: Path, limit: int, encoding: str = "utf-8") -> str:
    """Return the text of a file or a pipe, with its line ends as they are in the file.

    Raises:
        OSError: As `read_bytes`.
        UnicodeDecodeError: It is no text in this encoding.
    """
    return read_bytes(path, limit).decode(encoding)


def open_text(path: Path, limit: int) -> io.TextIOWrapper:
    """Open a file of UTF-8 text, perhaps with a byte order mark, for the module `csv`.

    Raises:
        OSError: As `read_bytes`.
    """
    return io.TextIOWrapper(io.BytesIO(read_bytes(path, limit)), "utf-8-sig", newline="")


def _shown(size: int) -> str:
    return f"{size >> 20} MB" if size >= 1 << 20 else f"{size} bytes"
