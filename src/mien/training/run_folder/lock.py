"""The lock of a run folder, and whether the folder is still where it was when it was locked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mien.errors import RunError
from mien.files.locks import can_lock, lock

CHECKPOINTS: Final = "checkpoints"
LOCK_FILE: Final = ".lock"

_PATIENCE: Final = 0.2
"""Seconds to wait for a lock: `is_locked` holds one for an instant."""


class MovedError(RunError):
    """The run folder was moved, renamed or deleted while it was trained."""


class FolderGuard:
    """Remembers which folder is at a path, to notice when it is no longer there.

    Args:
        path: The run folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        files = (path, path / CHECKPOINTS / LOCK_FILE)
        self._files = {one: _file_at(one) for one in files if _file_at(one) is not None}

    def is_unmoved(self) -> bool:
        """Return whether the same folder, with the same lock, is still there."""
        return all(_file_at(one) == identity for one, identity in self._files.items())

    def require_unmoved(self) -> None:
        """Check that it is still there.

        Raises:
            MovedError: It was moved, renamed, deleted or replaced.
        """
        if not self.is_unmoved():
            raise MovedError(
                f"{self.path}: the run folder was moved, renamed, deleted or replaced during the training, "
                "which stops here; resume the run at its new place",
                path=self.path,
            )


@contextmanager
def locked(path: Path) -> Iterator[FolderGuard]:
    """Hold the lock of a run folder, which the system releases when a process dies.

    The folder is made if it doesn't exist.

    Raises:
        RunError: Another process trains the run, or the folder can't be written to.
    """
    from filelock import FileLock, Timeout  # part of mien[train]; reading a run doesn't need it

    held = FileLock(path / CHECKPOINTS / LOCK_FILE, timeout=_PATIENCE)
    try:
        (path / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout as error:
        raise RunError(
            f"{path}: another process is training this run; wait for it, or stop it", path=path
        ) from error
    except (OSError, NotImplementedError) as error:
        why = getattr(error, "strerror", None) or error
        raise RunError(
            f"{path}: can't lock the run folder ({why}); choose another place", path=path
        ) from error
    try:
        yield FolderGuard(path)
    finally:
        held.release()


def is_locked(path: Path) -> bool:
    """Return whether a process trains the run in a folder; nothing is created or changed.

    The lock is shared for an instant, which `locked` waits for.
    """
    if not can_lock():
        return _is_locked_elsewhere(path)
    try:
        with (path / CHECKPOINTS / LOCK_FILE).open("rb") as stream:
            return lock(stream.fileno(), shared=True) is False
    except OSError:
        return False


def _is_locked_elsewhere(path: Path) -> bool:
    """As `is_locked`, on a system without `flock`."""
    from filelock import FileLock, Timeout

    file = path / CHECKPOINTS / LOCK_FILE
    try:
        if file.exists():
            with FileLock(file, timeout=0):
                return False
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False
    return False


def _file_at(path: Path) -> tuple[int, int] | None:
    """Return what identifies the file at a path."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
