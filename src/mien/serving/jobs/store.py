"""The jobs of a server in an SQLite file, and their files beside it.

Each job has a folder with its name: the video until it is processed, and the results. The worker processes
of a server share the file. A job that is uploaded or runs has an owner, so that what a process leaves behind
that dies is known: its uploads are removed and its running job is queued again.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from mien.serving.jobs.database import Database
from mien.serving.jobs.job import ENDED, FAILED, PENDING, QUEUED, RUNNING, UPLOADING, VIDEO, Job

MOST_ATTEMPTS: Final = 3
"""How often a job is begun whose process dies; a video may end the process."""

_COLUMNS: Final = "id, name, options, state, created, ended, frames, position, total, faces, error"


class JobStore:
    """Keeps jobs. Thread-safe. All methods raise a Problem if the SQLite file can't be used.

    Args:
        folder: Of the SQLite file and of the jobs; it is created, readable by its owner only.
        keep_seconds: How long an ended job and its files are kept.
        owner: Name of this process among those that share the folder.

    Raises:
        MienError: The folder can't be used.
    """

    def __init__(self, folder: Path, keep_seconds: float, owner: str = "0") -> None:
        self._folder, self._keep, self._owner = folder, keep_seconds, owner
        self._database = Database(folder)

    def close(self) -> None:
        """Close the SQLite file."""
        self._database.close()

    def file(self, job: str, name: str) -> Path:
        """Return the path of a file of a job."""
        return self._folder / job / name

    def reserve(self, name: str, options: Mapping[str, Any], most: int) -> str | None:
        """Return the id of a new job whose video can be written, or None if `most` jobs have not ended.

        Raises:
            OSError: Its folder can't be made.
        """
        job = secrets.token_urlsafe(16)
        added = self._database.write(
            "INSERT INTO jobs (id, name, options, state, created, owner) SELECT ?, ?, ?, ?, ?, ? "  # noqa: S608
            f"WHERE (SELECT COUNT(*) FROM jobs WHERE state IN ({_marks(PENDING)})) < ?",
            (job, name, json.dumps(options), UPLOADING, time.time(), self._owner, *PENDING, most),
        )
        if added:
            (self._folder / job).mkdir(mode=0o700)
        return job if added else None

    def submit(self, job: str) -> Job:
        """Queue a job whose video is complete."""
        self._move(job, QUEUED, UPLOADING)
        return self._read("id = ?", (job,))[0]

    def get(self, job: str) -> Job | None:
        """Return a job, or None if there is none of this name."""
        found = self._read("id = ? AND state != ?", (job, UPLOADING))
        return found[0] if found else None

    def all(self) -> list[Job]:
        """Return all jobs that are uploaded, the newest first."""
        return self._read("state != ? ORDER BY created DESC, rowid DESC", (UPLOADING,))

    def claim(self) -> Job | None:
        """Return the oldest queued job, now running and owned by this process; None if there is none."""
        while found := self._read("state = ? ORDER BY created, rowid LIMIT 1", (QUEUED,)):
            if self._database.write(
                "UPDATE jobs SET state = ?, owner = ?, attempts = attempts + 1 WHERE id = ? AND state = ?",
                (RUNNING, self._owner, found[0].id, QUEUED),
            ):
                return self.get(found[0].id)
        return None

    def release(self, job: str) -> None:
        """Queue the running job again, for the next start of the server."""
        self._database.write(
            "UPDATE jobs SET state = ?, attempts = attempts - 1 WHERE id = ? AND state = ?",
            (QUEUED, job, RUNNING),
        )

    def progress(self, job: str, frames: int, faces: int, position: int, total: int | None) -> bool:
        """Record the progress of a running job; return whether it still runs."""
        changed = self._database.write(
            "UPDATE jobs SET frames = ?, faces = ?, position = ?, total = ? WHERE id = ? AND state = ?",
            (frames, faces, position, total, job, RUNNING),
        )
        return changed > 0

    def end(self, job: str, state: str, error: str | None = None) -> bool:
        """End a job that is queued or runs, and remove its video; return whether it was so."""
        changed = self._move(job, state, QUEUED, RUNNING, error=error)
        self.discard(job, VIDEO)
        return changed

    def discard(self, job: str, name: str) -> None:
        """Remove a file of a job if it is there."""
        with suppress(OSError):
            self.file(job, name).unlink(missing_ok=True)

    def remove(self, job: str) -> None:
        """Remove a job and its files."""
        shutil.rmtree(self._folder / job, ignore_errors=True)
        self._database.write("DELETE FROM jobs WHERE id = ?", (job,))

    def remove_expired(self) -> None:
        """Remove the jobs that ended too long ago."""
        for job in self._read("ended < ?", (time.time() - self._keep,)):
            self.remove(job.id)

    def recover(self) -> None:
        """Take over what a dead process with the name of this one left behind."""
        for job in self._read("state = ? AND owner = ?", (UPLOADING, self._owner)):
            self.remove(job.id)
        self.requeue()

    def requeue(self) -> None:
        """Queue the running jobs of this process again; it works on none of them."""
        for job in self._read("state = ? AND owner = ?", (RUNNING, self._owner)):
            self._run_again(job.id)

    def recover_all(self) -> None:
        """Take over what the last server left behind, however it ended; before other processes start."""
        for job in self._read("state = ?", (UPLOADING,)):
            self.remove(job.id)
        for job in self._read("state = ?", (RUNNING,)):
            self._run_again(job.id)
        for job in self._read(f"state IN ({_marks(ENDED)})", ENDED):
            self.discard(job.id, VIDEO)
        self._remove_strangers()

    def _run_again(self, job: str) -> None:
        self._database.write(
            "UPDATE jobs SET state = ? WHERE id = ? AND attempts < ?", (QUEUED, job, MOST_ATTEMPTS)
        )
        if self._read("id = ? AND state = ?", (job, RUNNING)):
            self.end(job, FAILED, f"the process ended {MOST_ATTEMPTS} times while it read this video")

    def _move(self, job: str, state: str, *before: str, error: str | None = None) -> bool:
        ended = time.time() if state in ENDED else None
        changed = self._database.write(
            "UPDATE jobs SET state = ?, ended = ?, error = ? WHERE id = ? "  # noqa: S608 - only marks
            f"AND state IN ({_marks(before)})",
            (state, ended, error, job, *before),
        )
        return changed > 0

    def _remove_strangers(self) -> None:
        """Remove folders without a job."""
        known = {job.id for job in self._read("true")}
        for entry in os.scandir(self._folder):
            if entry.is_dir(follow_symlinks=False) and entry.name not in known:
                shutil.rmtree(entry.path, ignore_errors=True)

    def _read(self, condition: str, values: Sequence[object] = ()) -> list[Job]:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM jobs WHERE {condition}", values)  # noqa: S608
        return [Job(row[0], row[1], json.loads(row[2]), *row[3:]) for row in rows]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
