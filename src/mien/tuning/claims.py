"""Which process works on which trial: locks that the operating system releases when a process dies.

A trial that is running in the journal, and whose lock is free, was left by a process that died or was
stopped. Another process claims it, and continues its run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from mien.errors import RunError

PATIENCE: Final = 120.0
"""Seconds to wait while another process chooses its trial."""


class Claims:
    """The locks of a study.

    Args:
        folder: The folder of the locks, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def choosing(self) -> Iterator[None]:
        """Let no other process choose a trial within the block.

        Raises:
            RunError: Another process chooses for two minutes.
        """
        try:
            with FileLock(self._folder / "study.lock", timeout=PATIENCE):
                yield
        except Timeout as error:
            raise RunError(
                f"{self._folder.parent}: another process has been choosing a trial for {PATIENCE:.0f} s; "
                "end that process",
                path=self._folder.parent,
            ) from error

    def claim(self, number: int) -> FileLock | None:
        """Lock a trial; None if another process works on it. The caller releases the lock."""
        lock = FileLock(self._folder / f"{number:04d}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return None
        return lock
