"""A stream that ends in an error where it has too many bytes."""

import io
from typing import IO


class LimitedStream(io.RawIOBase):
    """The bytes of another stream, up to a limit; closing it closes the other.

    Args:
        stream: The content of a compressed file.
        limit: Bytes that may be read.
    """

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._limit = self._left = limit

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Fill a buffer; return 0 at the end.

        Raises:
            OSError: There are more bytes than the limit.
        """
        content = self._stream.read(len(buffer))
        self._left -= len(content)
        if self._left < 0:
            raise OSError(f"it unpacks to over {self._limit >> 20} MB")
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        """Close the other stream, too."""
        self._stream.close()
        super().close()
