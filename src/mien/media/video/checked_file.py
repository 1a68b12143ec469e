"""A file that FFmpeg writes to, and that notes every error.

FFmpeg ignores errors of writing in most containers: on a full disk a part of the frames is lost, and the file
is completed as if nothing had happened.
"""

from pathlib import Path
from typing import IO


class CheckedFile:
    """A file for `av.open` that accepts all bytes, and raises the first error when it is asked.

    Args:
        path: The file.

    Attributes:
        error: The first error; nothing is written after it.

    Raises:
        OSError: The file can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self.error: OSError | None = None
        self._path = path
        self._stream = path.open("w+b", buffering=0)

    def write(self, content: bytes) -> int:
        """Write all bytes, and note an error."""
        rest = memoryview(content)
        try:
            while rest and self.error is None:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            self.error = error
        return len(content)

    def read(self, count: int) -> bytes:
        """Read up to `count` bytes."""
        return self._stream.read(count)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the position."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._stream.tell()

    def reopened(self, _name: str, _flags: int, _options: dict[str, str]) -> IO[bytes]:
        """Open the file once more for reading, as FFmpeg does to move the index to the beginning."""
        return self._path.open("rb")

    def check(self) -> None:
        """Raise the first error.

        Raises:
            OSError: Not all bytes could be written.
        """
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Close the file.

        Raises:
            OSError: Not all bytes could be written.
        """
        self._stream.close()
        self.check()
