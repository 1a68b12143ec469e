"""The SQLite file of the jobs, shared by the processes of one server, and the lock of its folder."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

from mien.errors import MienError
from mien.files.targets import require_folder
from mien.serving.problems import Problem

FILE: Final = "jobs.sqlite"
LOCK_FILE: Final = "lock.sqlite"

VERSION: Final = 2
"""Version of the schema; a file of another one is emptied."""

BUSY_SECONDS: Final = 5.0
"""Seconds to wait for another process that writes."""

RETRY_SECONDS: Final = 10

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, options TEXT NOT NULL, state TEXT NOT NULL,
  created REAL NOT NULL, ended REAL, frames INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL DEFAULT 0, total INTEGER, faces INTEGER NOT NULL DEFAULT 0, error TEXT,
  owner TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
)
"""


class Database:
    """Reads and writes the SQLite file. Thread-safe; several processes may open the same file.

    Args:
        folder: Of the file; it is created, readable by its owner only.

    Raises:
        MienError: The folder can't be used.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._connection = _opened(folder, FILE, BUSY_SECONDS, _set_up)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def read(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises:
            Problem: The file can't be read.
        """
        try:
            with self._lock, closing(self._connection.execute(statement, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise _problem(error) from error

    def write(self, statement: str, values: Sequence[object] = ()) -> int:
        """Change rows, atomically, and return their number.

        Raises:
            Problem: The file can't be written to.
        """
        try:
            with self._lock, closing(self._connection.execute(statement, values)) as cursor:
                return cursor.rowcount
        except sqlite3.Error as error:
            raise _problem(error) from error


class FolderLock:
    """The exclusive use of a folder by one server, until it is closed or the process ends, however it ends.

    SQLite locks a file of its own, since it does so on all systems.

    Args:
        folder: The folder; it is created, readable by its owner only.

    Raises:
        MienError: The folder can't be used, or another server uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._connection = _opened(folder, LOCK_FILE, 1.0, lambda one: one.execute("BEGIN EXCLUSIVE"))

    def close(self) -> None:
        """Let other servers use the folder."""
        self._connection.close()


def _opened(
    folder: Path, name: str, seconds: float, begin: Callable[[sqlite3.Connection], object]
) -> sqlite3.Connection:
    """Open a file in a folder, which is created, and begin to use it; it is closed if that fails.

    Raises:
        MienError: The folder can't be used.
    """
    require_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as opened:
            connection = opened.enter_context(closing(_connection(folder / name, seconds)))
            begin(connection)
            opened.pop_all()
            return connection
    except (OSError, sqlite3.Error) as error:
        raise _unusable(folder, error) from error


def _connection(path: Path, seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=seconds, isolation_level=None, check_same_thread=False)


def _set_up(connection: sqlite3.Connection) -> None:
    """Prepare the file of the jobs; one of another version is emptied."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        connection.execute("DROP TABLE IF EXISTS jobs")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute(_SCHEMA)


def _unusable(folder: Path, error: Exception) -> MienError:
    return MienError(
        f"{folder}: can't keep jobs there ({error}); does another server use it? "
        "Pass another folder as jobs=...",
        path=folder,
    )


def _problem(error: sqlite3.Error) -> Problem:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return Problem("disk-full", "the disk of the server is full")
    detail = "the server can't read or write its jobs; try again after the time in Retry-After"
    return Problem("jobs-unavailable", detail, retry_after=RETRY_SECONDS)
