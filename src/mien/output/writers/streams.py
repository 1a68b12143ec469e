"""Byte streams that results are written to: standard output, or a file that is valid after each result.

A file grows in place, so that `tail -f` works and a run that ended by Ctrl-C, `kill -9` or a power
failure can be resumed. The previous content is moved to `<name>.before` at the first new result, and
deleted when the run completes.
"""

import os
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import IO, Final, Protocol

from mien.files.names import fitting_name
from mien.files.targets import Place, require_file, write_error, writing
from mien.text import visible

BEFORE: Final = ".before"
"""Ending of the previous results."""


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

    Raises:
        MienError: It can't be written; nothing is changed yet.
    """
    if target is None:
        return PipeStream(None)
    place = require_file(target)
    return PipeStream(place) if place.file is None else FileStream(target, place.file, start)


class PipeStream:
    """Standard output, a device or a named pipe. The tail is written at the end only.

    Args:
        place: A device or named pipe; None for standard output.
    """

    def __init__(self, place: Place | None) -> None:
        self._path = Path("standard output") if place is None else place.path
        self._place = place
        self._tail = b""
        self._failed = False

    def open(self) -> None:
        """Open the device, or flush what was printed before."""
        with writing(self._path):
            sys.stdout.flush()
            self._stream: IO[bytes] = self._place.open_stream() if self._place else sys.stdout.buffer

    def write(self, content: bytes, tail: bytes = b"") -> None:
        """Write `content` and flush; on a terminal, with visible control characters."""
        try:
            with writing(self._path):
                self._stream.write(self._shown(content))
                self._stream.flush()
        except BaseException:
            self._failed = True
            self._close()
            raise
        self._tail = tail

    def close(self, *, completed: bool) -> None:  # noqa: ARG002 - the tail is written in both cases
        """Write the tail, and close the device; nothing is written after an error."""
        if not self._failed:
            self.write(self._tail)
            self._close()

    def _close(self) -> None:
        if self._place is None:
            return
        with suppress(OSError) if self._failed else writing(self._path):  # after an error, the same again
            self._stream.close()

    def _shown(self, content: bytes) -> bytes:
        if self._place is not None or not sys.stdout.isatty():
            return content
        text = visible(content.decode("utf-8", "replace"), keep="\n\t")
        return text.encode(sys.stdout.encoding or "utf-8", sys.stdout.errors or "replace")


class FileStream:
    """A file.

    A result that can't be written completely, as on a full disk, is removed again, so that the file stays
    valid; if it is the first one, the previous content is restored.

    Args:
        path: The file, for messages. Its folder is created if it does not exist.
        file: The same file without symbolic links.
        start: Byte offset at which to continue; what follows is cut off. 0 starts a new file.
    """

    def __init__(self, path: Path, file: Path, start: int = 0) -> None:
        self._path, self._file = path, file
        self._end = start
        self._tail = b""
        self._stream: FileIO | None = None
        self._existed = file.exists()
        self._failed = False

    def open(self) -> None:
        """Check that the file can be written, and create its folder."""
        require_file(self._path)
        with writing(self._path):
            self._file.parent.mkdir(parents=True, exist_ok=True)

    def write(self, content: bytes, tail: bytes = b"") -> None:
        """Replace the previous tail by `content` and a new tail, and flush."""
        try:
            self._stream = self._stream or self._open_at_end()
            _write_all(self._stream, content + tail)
        except OSError as error:
            self._failed = True
            raise write_error(self._path, error, self._undone()) from error
        self._end += len(content)
        self._tail = tail
        self._stream.seek(self._end)

    def close(self, *, completed: bool) -> None:
        """Close the file, and delete the previous results if the new ones are complete."""
        if self._failed:
            return
        with writing(self._path):
            if self._stream is not None:
                if completed:
                    os.fsync(self._stream.fileno())
                self._stream.close()
            if completed:
                backup_path(self._file).unlink(missing_ok=True)

    def _open_at_end(self) -> FileIO:
        if not self._end:
            back_up(self._file)
            return self._file.open("wb", buffering=0)
        stream = self._file.open("r+b", buffering=0)
        stream.truncate(self._end)
        stream.seek(self._end)
        return stream

    def _undone(self) -> str:
        """Remove an incomplete result, and return what is left."""
        backup = backup_path(self._file)
        with suppress(OSError):
            if self._stream is not None:
                self._stream.truncate(self._end)
                self._stream.seek(self._end)
                _write_all(self._stream, self._tail)
                self._stream.close()
            if not self._end:
                if not self._existed:
                    self._file.unlink(missing_ok=True)
                if backup.exists():
                    backup.replace(self._file)
        if not self._end:
            return "the previous content is kept" if self._file.exists() else ""
        return "the results so far are kept" + (f", the previous ones in {backup}" if backup.exists() else "")


def _write_all(stream: FileIO, content: bytes) -> None:
    """Write bytes to an unbuffered file; a call may write a part of them, as before a disk is full."""
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]


def back_up(path: Path) -> None:
    """Move a non-empty file to `<name>.before`, unless that exists.

    An existing `<name>.before` holds the results of the last complete run, so it is kept.
    """
    if path.is_file() and path.stat().st_size and not backup_path(path).exists():
        path.replace(backup_path(path))


def backup_path(path: Path) -> Path:
    """Return where the previous results are kept until the new ones are complete."""
    return path.with_name(fitting_name(path.name, BEFORE))
