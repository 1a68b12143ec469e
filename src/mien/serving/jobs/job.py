"""A job: a video that is or was processed, and the states that it goes through.

uploading -> queued -> running -> done | failed | canceled
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

UPLOADING, QUEUED, RUNNING = "uploading", "queued", "running"
DONE, FAILED, CANCELED = "done", "failed", "canceled"

PENDING: Final = (UPLOADING, QUEUED, RUNNING)
"""States of jobs that have not ended."""

ENDED: Final = (DONE, FAILED, CANCELED)
"""States that don't change."""

VIDEO: Final = "video"
"""Name of the file with the video in the folder of a job."""

RESULTS: Final = "results.jsonl"
"""Name of the file with the results in the folder of a job."""


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
        position: Frames that were read, including those that `every` skips.
        total: Frames of the video, approximately; None if that is unknown.
        faces: Faces in the processed frames.
        error: Why it failed.
    """

    id: str
    name: str
    options: Mapping[str, Any]
    state: str
    created: float
    ended: float | None
    frames: int
    position: int
    total: int | None
    faces: int
    error: str | None

    @property
    def progress(self) -> float | None:
        """Fraction that is processed, 0 to 1; None if that is unknown."""
        if self.state == DONE:
            return 1.0
        return min(1.0, self.position / self.total) if self.total else None
