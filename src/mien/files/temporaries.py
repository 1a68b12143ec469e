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

from mien.files.locks import can_lock, lock

SUFFIX: Final = ".part"

PREFIX_LENGTH: Final = 40
"""Characters of a file's name in that of its temporary file, so that the longest names are possible."""

MIN_AGE: Final = 60.0
"""Seconds; younger files are kept, unless they were to become the file that is written now."""

_NAME: Final = re.compile(r"\..*\.[a-z0-9_]{8}\.part", re.DOTALL)


@contextmanager
def temporary_file(path: Path) -> Iterator[Path]:
    """Yield a new, locked, empty file in the folder of `path`, which is removed at the end if it is there.

    Raises:
        OSError: The folder doesn't exist or can't be written to.
    """
    _remove_leftovers(path)
    handle, name = _new_file(path)
    try:
        yield Path(name)
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)
        if handle >= 0:
            os.close(handle)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """Yield a new, locked, empty folder beside `path`, which is removed at the end.

    Raises:
        OSError: The folder of `path` doesn't exist or can't be written to.
    """
    _remove_leftovers(path)
    handle, folder = _new_folder(path)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle >= 0:
            os.close(handle)


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


def _remove_leftovers(path: Path) -> None:
    """Remove the temporary files of `path` that dead processes left, and old ones of other files."""
    names = _leftovers(path.parent)
    for name in [name for name in names if name.startswith(_prefix(path))]:
        names.remove(name)
        _remove_if_abandoned(path.parent / name, min_age=0)


@lru_cache(maxsize=256)
def _leftovers(folder: Path) -> list[str]:
    """Remove abandoned files; return the names of younger ones. Once in a process: large folders are slow."""
    remove_abandoned(folder)
    with suppress(OSError):
        return [entry.name for entry in os.scandir(folder) if _NAME.fullmatch(entry.name)]
    return []


def _new_file(path: Path) -> tuple[int, str]:
    """Return the handle of a new, locked file, -1 where there are no locks, and its path."""
    while True:
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=SUFFIX, dir=path.parent)
        if not can_lock():  # Windows can't move a file that is open
            os.close(handle)
            return -1, name
        if _is_locked(handle, name):
            return handle, name


def _new_folder(path: Path) -> tuple[int, Path]:
    """As `_new_file`, for a folder."""
    while True:
        folder = tempfile.mkdtemp(prefix=_prefix(path), suffix=SUFFIX, dir=path.parent)
        if not can_lock():
            return -1, Path(folder)
        with suppress(FileNotFoundError):
            handle = _opened(Path(folder))
            if _is_locked(handle, folder):
                return handle, Path(folder)


def _is_locked(handle: int, name: str) -> bool:
    """Lock what was just created. False, and the handle is closed, if another process removed it before."""
    lock(handle)  # or it is on a file system without locks
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(handle), Path(name).stat()):
            return True
    os.close(handle)
    return False


def _remove_if_abandoned(path: Path, min_age: float) -> None:
    with suppress(OSError):
        status = path.lstat()
        if not can_lock() or time.time() - status.st_mtime < min_age or path.is_symlink():
            return
        handle = _opened(path)
        try:
            if lock(handle):  # not if its process lives
                _remove(path)
        finally:
            os.close(handle)


def _remove(path: Path) -> None:
    if not path.is_dir():
        path.unlink()
    elif not (path / "old").exists():
        shutil.rmtree(path, ignore_errors=True)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
