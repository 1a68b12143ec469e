"""Where the bytes of results go: standard output, or a file that is valid after each result.

A file grows in place, so that `tail -f` works, and so that a run that ends by Ctrl-C, `kill -9` or a
power cut can be resumed. What stood in it before a new run is moved aside at the first result, to
`<name>.before`, and removed when the run ends well: until the new results are complete, nobody
has lost the old ones.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from mien.errors import MienError


class Output(Protocol):
    """Takes pieces of bytes; a tail, such as a closing bracket, stands after the last of them."""

    def open(self) -> None:
        """Get ready, and raise MienError if it can't be written to."""
        ...

    def write(self, piece: bytes, tail: bytes = b"") -> None:
        """Write a piece in place of the tail before it, and a new tail; both are out at once."""
        ...

    def close(self, *, well: bool) -> None:
        """Let go of it; `well` says that all there was to write was written."""
        ...


def open_output(target: Path | None, start: int = 0) -> Output:
    """Return an output.

    Args:
        target: A file; a device or a named pipe; or None for standard output.
        start: Byte at which to go on in a file; 0 begins anew.
    """
    if target is None or is_special(target):
        return StreamOutput(target)
    return FileOutput(target, start)


class StreamOutput:
    """Standard output, a device or a named pipe, flushed after each piece; its tail comes at the end.

    Args:
        path: None is standard output.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path or Path("standard output")
        self._is_ours = path is not None
        self._tail = b""

    def open(self) -> None:
        """Open the device, or let go out what was printed before."""
        with telling(self._path):
            sys.stdout.flush()
            self._stream: IO[bytes] = self._path.open("wb") if self._is_ours else sys.stdout.buffer

    def write(self, piece: bytes, tail: bytes = b"") -> None:
        """Write a piece."""
        with telling(self._path):
            self._stream.write(piece)
            self._stream.flush()
        self._tail = tail

    def close(self, *, well: bool) -> None:  # noqa: ARG002 - the tail belongs there either way
        """Write the last tail."""
        try:
            self.write(self._tail)
        finally:
            if self._is_ours:
                with telling(self._path):
                    self._stream.close()


class FileOutput:
    """A file.

    Args:
        path: Its folder is made where it is missing.
        start: Where to go on, in bytes; what stands behind is cut off. 0 begins anew.
    """

    def __init__(self, path: Path, start: int = 0) -> None:
        self._path = path.resolve()  # a link stays one when what it points at is moved aside
        self._start = start
        self._stream: IO[bytes] | None = None

    def open(self) -> None:
        """Make sure that it can be written, without changing what is there."""
        make_ready(self._path)

    def write(self, piece: bytes, tail: bytes = b"") -> None:
        """Write a piece in place of the tail."""
        with telling(self._path):
            self._stream = self._stream or self._begun()
            self._stream.write(piece + tail)
            self._stream.flush()
            if tail:
                self._stream.seek(-len(tail), os.SEEK_CUR)

    def close(self, *, well: bool) -> None:
        """Close it."""
        with telling(self._path):
            if self._stream is not None:
                self._stream.close()
            if well:
                before(self._path).unlink(missing_ok=True)

    def _begun(self) -> IO[bytes]:
        if not self._start:
            set_aside(self._path)
            return self._path.open("wb")
        stream = self._path.open("r+b")
        stream.truncate(self._start)
        stream.seek(self._start)
        return stream


def is_special(path: Path) -> bool:
    """Whether a path is a device or a named pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def make_ready(path: Path) -> None:
    """Make sure that a file can be written, and that its folder is there, before there is anything to write.

    Raises:
        MienError: It can't be.
    """
    with telling(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        path.open("ab").close()
        if is_new:
            path.unlink()


def set_aside(path: Path) -> None:
    """Move a file with something in it to `<name>.before`, unless there is one already.

    That one is worth more: the file itself is then of a run that didn't finish.
    """
    if path.is_file() and path.stat().st_size and not before(path).exists():
        path.replace(before(path))


def before(path: Path) -> Path:
    """Return where the results are kept that are being replaced."""
    return path.with_name(f"{path.name}.before")


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Say of an error of the disk which file it is about; a reader that went away is none."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise MienError(
            f"{path}: can't write there ({error.strerror or error}); choose another place"
        ) from error
