"""Temporary files beside their targets, and the removal of those that dead processes left behind.

A temporary file is locked (`flock`) as long as its process lives; the system releases the lock when the
process dies, however it dies. So a file that nobody has locked is abandoned. Where there are no such locks,
nothing is removed.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

SUFFIX: Final = ".part"

PREFIX_LENGTH: Final = 40
"""Characters of a file's name in that of its temporary file, so that the longest names are possible."""

MIN_AGE: Final = 60.0
"""Seconds; younger files are kept, unless nobody else can write into the folder."""

_NAME: Final = re.compile(r"\..*\.[a-z0-9_]{8}\.part", re.DOTALL)


@contextmanager
def temporary_file(path: Path) -> Iterator[Path]:
    """Yield a new, locked, empty file in the folder of `path`, which is removed at the end if it is there.

    Raises:
        OSError: The folder doesn't exist or can't be written to.
    """
    _remove_once(path.parent)
    handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=SUFFIX, dir=path.parent)
    if fcntl is None:  # Windows can't move a file that is open
        os.close(handle)
        handle = -1
    with _locked(handle):
        try:
            yield Path(name)
        finally:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """Yield a new, locked, empty folder beside `path`, which is removed at the end.

    Raises:
        OSError: The folder of `path` doesn't exist or can't be written to.
    """
    _remove_once(path.parent)
    folder = Path(tempfile.mkdtemp(prefix=_prefix(path), suffix=SUFFIX, dir=path.parent))
    try:
        with _locked(_opened(folder)):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(folder: Path, *, min_age: float = MIN_AGE) -> None:
    """Remove the temporary files and folders in `folder` whose processes are dead.

    A temporary folder that still contains what it was to replace is kept.

    Args:
        folder: The folder; nothing happens if it doesn't exist.
        min_age: Seconds since the last change; versions before this one didn't lock their files.
    """
    with suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.name.endswith(SUFFIX) and _NAME.fullmatch(entry.name):
                _remove_if_abandoned(Path(entry.path), min_age)


def _prefix(path: Path) -> str:
    return f".{path.name[:PREFIX_LENGTH]}."


@lru_cache(maxsize=256)
def _remove_once(folder: Path) -> None:
    """Remove abandoned files, once in a process: folders with many files are slow to list."""
    remove_abandoned(folder)


def _remove_if_abandoned(path: Path, min_age: float) -> None:
    with suppress(OSError):
        status = path.lstat()
        if fcntl is None or time.time() - status.st_mtime < min_age or path.is_symlink():
            return
        handle = _opened(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails if its process lives
            if not path.is_dir():
                path.unlink()
            elif not (path / "old").exists():
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(handle)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)) if fcntl is not None else -1


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    """Hold the lock of an open file, which is closed at the end."""
    try:
        if fcntl is not None:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        if handle >= 0:
            os.close(handle)
