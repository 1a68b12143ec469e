"""What a path to write is, and whether it can be written: one rule for all writers, checked before any work.

- A regular file, or a new one in a folder that exists or can be created, is replaced atomically
  (`mien.files.writing`).
- A symbolic link is followed.
- A named pipe, a character device, or a descriptor of the process (/dev/stdout, /dev/fd/3) is written as a
  stream, and never replaced by a regular file.
- Anything else is refused: a folder in place of a file, a file in place of a folder, a missing permission, a
  name that is too long, a block device, a socket.
"""

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from mien.errors import MienError, OutputError
from mien.files.names import LONGEST_NAME, length_of
from mien.files.temporaries import temporary_file

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})
"""Errors of a disk that is full or failing, or of a limit on the size of files."""

FILE_ENDINGS: Final = frozenset((
    ".avi", ".avif",
    ".bmp", ".bz2", ".csv", ".gif", ".gz", ".heic", ".htm", ".html", ".jpeg", ".jpg", ".json",
    ".jsonl", ".md", ".mkv",
    ".mov", ".mp4", ".npy", ".npz", ".onnx", ".parquet", ".pdf", ".png", ".pt", ".pth",
    ".safetensors", ".svg", ".tar", ".tflite", ".tgz", ".tif", ".tiff", ".tsv", ".txt", ".webm", ".webp",
    ".xlsx", ".xml", ".xz", ".yaml", ".yml", ".zip",
))  # fmt: skip
"""Endings of names that are not meant as folders."""

_DESCRIPTORS: Final = "/dev/fd"
_MOST_LINKS: Final = 40


@dataclass(frozen=True)
class Place:
    """What is written.

    Attributes:
        path: As it was given; for messages.
        file: The regular file, without symbolic links; None for a stream.
        descriptor: Number of the process's descriptor, such as 1 for /dev/stdout.
    """

    path: Path
    file: Path | None
    descriptor: int | None = None

    @property
    def is_stream(self) -> bool:
        """Whether it is written as a stream."""
        return self.file is None

    def open_stream(self) -> IO[bytes]:
        """Open the stream; a named pipe waits for its reader.

        Raises:
            OSError: It can't be opened.
        """
        if self.descriptor is None:
            return os.fdopen(os.open(self.path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), "wb")
        if self.descriptor == 1:
            sys.stdout.flush()
        return os.fdopen(os.dup(self.descriptor), "wb")


def place_of(path: Path) -> Place:
    """Return what is at a path, or will be.

    Raises:
        MienError: It is a folder, a socket or a block device, or the path is not valid.
    """
    with refusing(path):
        if (descriptor := _descriptor(path)) is not None:
            os.fstat(descriptor)
            return Place(path, None, descriptor)
        mode = _mode(path)
        if mode is None or stat.S_ISREG(mode):
            return Place(path, Path(os.path.realpath(path)))
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            return Place(path, None)
    what = "a folder" if stat.S_ISDIR(mode) else "a socket or a block device"
    raise MienError(
        f"{path}: can't write there, this is {what}; expected a file", path=path, expected="a file"
    )


def require_file(path: Path, *, stream: bool = True) -> Place:
    """Check that a file or stream can be written, without changing it, and return what it is.

    Args:
        path: The file; its folder need not exist.
        stream: Whether a stream is accepted; False for formats that are not written in order.

    Raises:
        MienError: It can't be written.
    """
    place = place_of(path)
    if place.file is None and not stream:
        raise MienError(
            f"{path}: not a regular file, and this format can't be written as a stream; choose another file",
            path=path, expected="a regular file",
        )  # fmt: skip
    with refusing(path):
        if place.file is not None:
            _require_name(place.file)
            _require_folder(place.file.parent)
        if place.descriptor is None and path.exists():
            _require_access(path)
        if place.file is not None and place.file.parent.exists():
            _require_temporary(place.file)
    return place


def require_folder(path: Path) -> None:
    """Check that files can be written to a folder, which need not exist, without changing it.

    Raises:
        MienError: `path`, or a folder above it, is a file; it can't be written; or it doesn't exist and
            ends as a file does (report.html, plots.png).
    """
    with refusing(path):
        if path.suffix.lower() in FILE_ENDINGS and not path.exists():
            raise MienError(
                f"{path}: this would become a folder, but it ends in {path.suffix} as a file does; "
                "leave out the ending", path=path, expected="a folder",
            )  # fmt: skip
        _require_folder(path)
        if path.exists():
            _require_temporary(path / "file")


FORCE: Final = "choose another file, or pass force=True to replace it"


def require_replaceable(
    path: Path,
    is_own: Callable[[Path], bool],
    what: str,
    advice: str = FORCE,
) -> None:
    """Refuse a file that exists and was not written by the same kind of writer; an empty file is accepted.

    Args:
        path: The file to write.
        is_own: Returns whether such a writer wrote it.
        what: Such a file, for the message.
        advice: What to do, for the message.

    Raises:
        MienError: The file is another one.
    """
    with refusing(path):
        if path.is_file() and _descriptor(path) is None and path.stat().st_size and not is_own(path):
            raise MienError(f"{path}: exists and is not {what}; {advice}", path=path, expected=what)


def is_same_file(one: Path, other: Path) -> bool:
    """Return whether two paths are the same file or folder, by links of any kind."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path is a folder or below it, with all symbolic links resolved."""
    try:
        place, parent = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    except ValueError:  # a null byte, which no path has
        return False
    return parent.is_dir() and (place == parent or parent in place.parents)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn errors of the operating system, before the work, into errors that name the path.

    Raises:
        MienError: The path can't be written.
        OutputError: The disk is full or fails.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise write_error(path, error) from error
        raise MienError(
            f"{path}: can't write there ({error.strerror or error}); choose another place", path=path
        ) from error
    except ValueError as error:  # a null byte
        raise MienError(f"{str(path)!r}: not a valid path ({error})") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn errors of the operating system during the work, except that of a closed pipe, into one line.

    Raises:
        OutputError: The file can't be written.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise write_error(path, error) from error


def write_error(path: Path, error: Exception, kept: str = "") -> OutputError:
    """Return the error for a file that could not be written.

    Args:
        path: The file.
        error: What failed.
        kept: What is left, as a clause for the message.
    """
    number = error.errno if isinstance(error, OSError) else None
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    advice = "free some space" if number in {errno.ENOSPC, errno.EDQUOT} else "choose another place"
    return OutputError(f"{path}: can't write it ({reason}); {kept and kept + '; '}{advice}", path=path)


def _mode(path: Path) -> int | None:
    """Return type and permissions of a file, after all symbolic links; None if there is none."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def is_own_output(path: Path) -> bool:
    """Return whether a path is the standard output or error of this process, such as /dev/stdout."""
    with suppress(OSError, ValueError):
        return _descriptor(path) in (1, 2)
    return False


def _descriptor(path: Path) -> int | None:
    """Return the number of the descriptor that a path refers to.

    Opened as a file, /dev/stdout would be truncated if it is redirected to a file.
    """
    folder = os.path.realpath(_DESCRIPTORS)
    for _ in range(_MOST_LINKS):
        parent = os.path.realpath(path.parent)
        if parent == folder and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = Path(parent) / path.readlink()
    return None


def _require_folder(folder: Path) -> None:
    """Raise an error unless a folder exists and can be written to, or can be created."""
    place = folder.absolute()
    existing = next(one for one in (place, *place.parents) if one.exists())
    if not existing.is_dir():
        file = folder if existing == place else existing
        raise MienError(f"{file} is a file; expected a folder", path=file, expected="a folder")
    missing = place.relative_to(existing).parts
    if missing and (existing / missing[0]).is_symlink():
        raise OSError(errno.ENOENT, "a symbolic link to nothing")
    for name in missing:
        _require_name(Path(name))
    _require_access(existing, os.W_OK | os.X_OK)


def _require_name(path: Path) -> None:
    if length_of(path.name) > LONGEST_NAME:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


def _require_access(path: Path, mode: int = os.W_OK) -> None:
    if not os.access(path, mode):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))


def _require_temporary(path: Path) -> None:
    """Create and remove the temporary file: some obstacles, such as quotas, can't be seen otherwise."""
    with temporary_file(path):
        pass
