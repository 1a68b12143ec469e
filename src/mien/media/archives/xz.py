"""XZ files as streams, with a bound on the memory that their header may demand."""

import io
import lzma
from pathlib import Path
from typing import Final

from mien.limits import MAX_DICTIONARY

_BLOCK: Final = 1 << 16


class _XzStream(io.RawIOBase):
    """The content of an XZ file, of one stream or several."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._decompressor = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Fill a buffer; return 0 at the end.

        Raises:
            lzma.LZMAError: It is damaged, or needs too much memory.
            EOFError: It is cut off.
        """
        content = self._next(len(buffer))
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place, by reading up to it; backwards, from the start.

        Raises:
            io.UnsupportedOperation: The place is relative to the end, which is unknown.
        """
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("the size of an XZ stream is not known")
        target = offset + (self._position if whence == io.SEEK_CUR else 0)
        if target < self._position:
            self._file.seek(0)
            self._decompressor = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)
            self._position = 0
        while self._position < target and (content := self._next(min(_BLOCK, target - self._position))):
            self._position += len(content)
        return self._position

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self, most: int) -> bytes:
        """Return up to `most` bytes; none at the end."""
        while True:
            if self._decompressor.eof:
                rest = (self._decompressor.unused_data or self._file.read(_BLOCK)).lstrip(b"\0")
                if not rest:
                    return b""
                self._decompressor = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)
            else:
                rest = self._file.read(_BLOCK) if self._decompressor.needs_input else b""
                if self._decompressor.needs_input and not rest:
                    raise EOFError("the end of the XZ stream is missing")
            content = self._decompressor.decompress(rest, most)
            if content:
                return content


def open_xz(path: Path) -> io.BufferedReader:
    """Open an XZ file; what is read is its content."""
    return io.BufferedReader(_XzStream(path), _BLOCK)
