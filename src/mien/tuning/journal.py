"""The journal of a study: one JSON object a line, which several processes append to.

Optuna's storage replays it. A process that is killed while it appends leaves an unfinished line: readers
ignore it, and the next writer cuts it off, so that a journal stays valid whenever a process dies. The lock is
one of the operating system, which releases it when the process dies.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from filelock import FileLock, Timeout
from optuna.storages.journal import BaseJournalBackend

from mien.errors import RunError

PATIENCE: Final = 60.0
"""Seconds to wait for another process that appends."""

_BLOCK: Final = 1 << 16


class JournalFile(BaseJournalBackend):
    """A backend of `optuna.storages.JournalStorage`.

    Args:
        path: The file, which exists.
        lock: Its lock.
    """

    def __init__(self, path: Path, lock: Path) -> None:
        self._path = path
        self._lock = FileLock(lock, timeout=PATIENCE)
        self._offsets = [0]

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """Yield the complete lines from a number on.

        Raises:
            RunError: A line is damaged.
        """
        number = min(log_number_from, len(self._offsets) - 1)
        for line in self._complete_lines(self._offsets[number]):
            number += 1
            if number == len(self._offsets):
                self._offsets.append(self._offsets[-1] + len(line))
            if number > log_number_from:
                yield self._parsed(line, number)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append lines, and write them to the disk.

        Raises:
            RunError: Another process holds the lock for a minute.
        """
        text = b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in logs)
        try:
            with self._lock, self._path.open("r+b") as stream:
                _cut_unfinished_line(stream)
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        except Timeout as error:
            raise RunError(
                f"{self._path}: another process has held its lock for {PATIENCE:.0f} s; end that process",
                path=self._path,
            ) from error

    def _complete_lines(self, offset: int) -> list[bytes]:
        """Read what the file holds now, at once: another process may cut and append meanwhile."""
        with self._path.open("rb") as stream:
            stream.seek(offset)
            content = stream.read()
        return [line + b"\n" for line in content.split(b"\n")[:-1]]

    def _parsed(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except ValueError as error:
            raise RunError(
                f"{self._path}: line {number} is damaged; restore the file, or begin a new study",
                path=self._path, row=number,
            ) from error  # fmt: skip
        if not isinstance(found, dict):
            raise RunError(f"{self._path}: line {number} is no object; restore the file", path=self._path)
        return found


def _cut_unfinished_line(stream: IO[bytes]) -> None:
    """Move to the end of the last complete line, and remove what follows."""
    end = stream.seek(0, os.SEEK_END)
    tail = b""
    while end and b"\n" not in tail:
        start = max(0, end - _BLOCK)
        stream.seek(start)
        tail = stream.read(end - start)
        end = start + tail.rfind(b"\n") + 1 if b"\n" in tail else start
    stream.seek(end)
    stream.truncate()
