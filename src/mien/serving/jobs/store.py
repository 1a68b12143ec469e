"""The jobs of a server in an SQLite file, and their files beside it.

Each job has a folder with its name: the video until it is processed, and the results.
"""

import json
import os
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mien.errors import MienError

QUEUED, RUNNING, DONE, FAILED, CANCELED = "queued", "running", "done", "failed", "canceled"
ENDED: Final = (DONE, FAILED, CANCELED)
"""States that don't change."""

VIDEO: Final = "video"
RESULTS: Final = "results.jsonl"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, options TEXT NOT NULL, state TEXT NOT NULL,
  created REAL NOT NULL, ended REAL, frames INTEGER NOT NULL, total INTEGER, faces INTEGER NOT NULL,
  error TEXT
)
"""
_COLUMNS: Final = "id, name, options, state, created, ended, frames, total, faces, error"


@dataclass(frozen=True)
class Job:
    """A video that is or was processed.

    Attributes:
        id: Random, so that it can't be guessed.
        name: Name of the file, as the client gave it.
        options: Of the request.
        state: "queued", "running", "done", "failed" or "canceled".
        created: Seconds since 1970.
        ended: Seconds since 1970; None before the end.
        frames: Frames that were processed.
        total: Frames of the video, approximately; None if that is unknown.
        faces: Faces in them.
        error: Why it failed.
    """

    id: str
    name: str
    options: Mapping[str, Any]
    state: str
    created: float
    ended: float | None
    frames: int
    total: int | None
    faces: int
    error: str | None


class JobStore:
    """Keeps jobs. Thread-safe; one process at a time.

    Args:
        folder: Of the SQLite file and of the jobs; it is created, readable by its owner only.
        keep_seconds: How long an ended job and its files are kept.

    Raises:
        MienError: The folder can't be used, or another server uses it.
    """

    def __init__(self, folder: Path, keep_seconds: float) -> None:
        self._folder, self._keep = folder, keep_seconds
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = sqlite3.connect(folder / "jobs.sqlite", check_same_thread=False, timeout=1.0)
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute(_SCHEMA)
            with self._database:
                self._database.execute("UPDATE jobs SET state = ? WHERE state = ?", (QUEUED, RUNNING))
        except (OSError, sqlite3.Error) as error:
            raise MienError(
                f"{folder}: can't keep jobs there ({error}); does another server use it? "
                "choose another jobs=... folder",
                path=folder,
            ) from error
        self._remove_strangers()

    def close(self) -> None:
        """Close the SQLite file."""
        with self._lock:
            self._database.close()

    def new_id(self) -> str:
        """Return the name of a new job, and make its folder."""
        name = secrets.token_urlsafe(16)
        (self._folder / name).mkdir(mode=0o700)
        return name

    def file(self, job: str, name: str) -> Path:
        """Return the path of a file of a job."""
        return self._folder / job / name

    def add(self, job: str, name: str, options: Mapping[str, Any]) -> Job:
        """Queue a job whose video lies in its folder."""
        self._write(
            "INSERT INTO jobs (id, name, options, state, created, frames, faces) "
            "VALUES (?, ?, ?, ?, ?, 0, 0)",
            (job, name, json.dumps(options), QUEUED, time.time()),
        )
        found = self.get(job)
        assert found is not None  # noqa: S101 - it was written above
        return found

    def get(self, job: str) -> Job | None:
        """Return a job, or None if there is none of this name."""
        found = self._read("WHERE id = ?", (job,))
        return found[0] if found else None

    def all(self) -> list[Job]:
        """Return all jobs, the newest first."""
        return self._read("ORDER BY created DESC")

    def count(self, *states: str) -> int:
        """Return the number of jobs in these states."""
        return sum(job.state in states for job in self.all())

    def claim(self) -> Job | None:
        """Return the oldest queued job, now running; None if there is none."""
        found = self._read("WHERE state = ? ORDER BY created LIMIT 1", (QUEUED,))
        if not found or not self._move(found[0].id, RUNNING, QUEUED):
            return None
        return self.get(found[0].id)

    def progress(self, job: str, frames: int, faces: int, total: int | None) -> bool:
        """Record the progress of a running job; return whether it still runs."""
        return self._write(
            "UPDATE jobs SET frames = ?, faces = ?, total = ? WHERE id = ? AND state = ?",
            (frames, faces, total, job, RUNNING),
        )

    def end(self, job: str, state: str, error: str | None = None) -> bool:
        """End a job that is queued or runs, and remove its video; return whether it was so."""
        changed = self._move(job, state, QUEUED, RUNNING, error=error)
        self.file(job, VIDEO).unlink(missing_ok=True)
        return changed

    def remove(self, job: str) -> None:
        """Forget a job and remove its files."""
        self._write("DELETE FROM jobs WHERE id = ?", (job,))
        shutil.rmtree(self._folder / job, ignore_errors=True)

    def remove_expired(self) -> None:
        """Remove the jobs that ended too long ago."""
        for job in self.all():
            if job.ended is not None and time.time() - job.ended > self._keep:
                self.remove(job.id)

    def _move(self, job: str, state: str, *before: str, error: str | None = None) -> bool:
        ended = time.time() if state in ENDED else None
        marks = ", ".join("?" * len(before))
        return self._write(
            f"UPDATE jobs SET state = ?, ended = ?, error = ? WHERE id = ? AND state IN ({marks})",  # noqa: S608
            (state, ended, error, job, *before),
        )

    def _remove_strangers(self) -> None:
        """Remove folders without a job: of uploads that were cut off, or of a process that was killed."""
        known = {job.id for job in self.all()}
        for entry in os.scandir(self._folder):
            if entry.is_dir(follow_symlinks=False) and entry.name not in known:
                shutil.rmtree(entry.path, ignore_errors=True)

    def _read(self, rest: str, values: Sequence[object] = ()) -> list[Job]:
        with self._cursor() as cursor:
            rows = cursor.execute(f"SELECT {_COLUMNS} FROM jobs {rest}", values).fetchall()  # noqa: S608
        return [Job(row[0], row[1], json.loads(row[2]), *row[3:]) for row in rows]

    def _write(self, statement: str, values: Sequence[object]) -> bool:
        with self._cursor() as cursor, self._database:
            return cursor.execute(statement, values).rowcount > 0

    @contextmanager
    def _cursor(self) -> Iterator[sqlite3.Cursor]:
        with self._lock, closing(self._database.cursor()) as cursor:
            yield cursor
