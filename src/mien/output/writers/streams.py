"""Byte streams that results are written to: standard output, or a file that is valid after each result.

A file grows in place, so that `tail -f` works and a run that ended by Ctrl-C, `kill -9` or a power
failure can be resumed. The previous content is moved to `<name>.before` at the first new result, and
deleted when the run completes.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from mien.errors import MienError


class OutputStream(Protocol):
    """Receives pieces of bytes. A tail, such as a closing bracket, always follows the last piece."""

    def open(self) -> None:
        """Prepare the stream.

        Raises:
            MienError: It can't be written.
        """
        ...

    def write(self, content: bytes, tail: bytes = b"") -> None:
        """Replace the previous tail by `content` and a new tail, and flush."""
        ...

    def close(self, *, completed: bool) -> None:
        """Close the stream; `completed` is false after an error or an interruption."""
        ...


def open_stream(target: Path | None, start: int = 0) -> OutputStream:
    """Return a stream.

    Args:
        target: A file, a device, a named pipe, or None for standard output.
        start: Byte offset at which to continue a file; 0 starts a new one.
    """
    if target is None or is_special(target):
        return PipeStream(target)
    return FileStream(target, start)


class PipeStream:
    """Standard output, a device or a named pipe. The tail is written at the end only.

    Args:
        path: A device or named pipe; None for standard output.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path or Path("standard output")
        self._owns_stream = path is not None
        self._tail = b""

    def open(self) -> None:
        """Open the device, or flush what was printed before."""
        with naming_file(self._path):
            sys.stdout.flush()
            self._stream: IO[bytes] = self._path.open("wb") if self._owns_stream else sys.stdout.buffer

    def write(self, content: bytes, tail: bytes = b"") -> None:
        """Write `content` and flush."""
        with naming_file(self._path):
            self._stream.write(content)
            self._stream.flush()
        self._tail = tail

    def close(self, *, completed: bool) -> None:  # noqa: ARG002 - the tail is written in both cases
        """Write the tail, and close the device."""
        try:
            self.write(self._tail)
        finally:
            if self._owns_stream:
                with naming_file(self._path):
                    self._stream.close()


class FileStream:
    """A file.

    Args:
        path: Its folder is created if it does not exist.
        start: Byte offset at which to continue; what follows is cut off. 0 starts a new file.
    """

    def __init__(self, path: Path, start: int = 0) -> None:
        self._path = path.resolve()  # a symbolic link is kept, and the file that it names is replaced
        self._start = start
        self._stream: IO[bytes] | None = None

    def open(self) -> None:
        """Check that the file can be written, without changing it."""
        check_writable(self._path)

    def write(self, content: bytes, tail: bytes = b"") -> None:
        """Replace the previous tail by `content` and a new tail, and flush."""
        with naming_file(self._path):
            self._stream = self._stream or self._open_at_start()
            self._stream.write(content + tail)
            self._stream.flush()
            if tail:
                self._stream.seek(-len(tail), os.SEEK_CUR)

    def close(self, *, completed: bool) -> None:
        """Close the file, and delete the previous results if the new ones are complete."""
        with naming_file(self._path):
            if self._stream is not None:
                self._stream.close()
            if completed:
                backup_path(self._path).unlink(missing_ok=True)

    def _open_at_start(self) -> IO[bytes]:
        if not self._start:
            back_up(self._path)
            return self._path.open("wb")
        stream = self._path.open("r+b")
        stream.truncate(self._start)
        stream.seek(self._start)
        return stream


def is_special(path: Path) -> bool:
    """Return whether a path is a device or a named pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def check_writable(path: Path) -> None:
    """Create the folder of a file, and check that the file can be written, without changing it.

    Raises:
        MienError: It can't be written.
    """
    with naming_file(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        path.open("ab").close()
        if is_new:
            path.unlink()


def back_up(path: Path) -> None:
    """Move a non-empty file to `<name>.before`, unless that exists.

    An existing `<name>.before` holds the results of the last complete run, so it is kept.
    """
    if path.is_file() and path.stat().st_size and not backup_path(path).exists():
        path.replace(backup_path(path))


def backup_path(path: Path) -> Path:
    """Return where the previous results are kept until the new ones are complete."""
    return path.with_name(f"{path.name}.before")


@contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Raise errors of the operating system as MienError with the file's name; not a closed pipe."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise MienError(
            f"{path}: can't write to it ({error.strerror or error}); choose another file", path=path
        ) from error
