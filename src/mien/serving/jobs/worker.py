"""The thread that processes the videos of jobs, one after another."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from typing import Final

from mien.errors import MienError
from mien.media.video.capture import video_info
from mien.output.writers.json_lines import encode_json
from mien.recognition.components import Components
from mien.recognition.face import Result
from mien.recognition.video import VideoOptions, recognize_video
from mien.serving.catalog import Choice
from mien.serving.jobs.job import DONE, FAILED, RESULTS, VIDEO, Job
from mien.serving.jobs.store import JobStore
from mien.serving.problems import Problem, internal_error, without_folders

_log = logging.getLogger("mien")

REPORT_SECONDS: Final = 0.5
"""Between two records of the progress."""

IDLE_SECONDS: Final = 1.0
"""Between two searches for jobs that other processes received."""

CLEAN_SECONDS: Final = 60.0
"""Between two searches for expired jobs."""

STOP_SECONDS: Final = 5.0
"""Seconds to wait for the thread at the end; it checks between two frames."""


class _Ended(Exception):  # noqa: N818 - no error
    """The job was canceled, or the server stops."""


class JobWorker:
    """Processes queued jobs in a thread.

    Args:
        store: The jobs.
        components: Returns the detector and the classifier of a request.
        counted: Called with the number of faces of each frame.
        seconds: A job that takes longer fails.
    """

    def __init__(
        self,
        store: JobStore,
        components: Callable[[Choice], Components],
        counted: Callable[[int], None] = lambda _: None,
        seconds: float = float("inf"),
    ) -> None:
        self._store, self._components, self._counted, self._seconds = store, components, counted, seconds
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._cleaned = float("-inf")
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin with the jobs that wait since the last start."""
        self._thread.start()

    def wake(self) -> None:
        """Notify the thread of a new job."""
        self._wake.set()

    def stop(self) -> None:
        """End; the running job is processed again after the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._work_once()
            except Exception:  # noqa: BLE001 - the jobs behind it are processed
                _log.exception("jobs of videos can't be processed; trying again")
                with suppress(Exception):
                    self._store.requeue()
            self._wake.wait(IDLE_SECONDS)

    def _work_once(self) -> None:
        if time.monotonic() - self._cleaned > CLEAN_SECONDS:
            self._cleaned = time.monotonic()
            self._store.remove_expired()
        while not self._stopping.is_set() and (job := self._store.claim()):
            self._process(job)

    def _process(self, job: Job) -> None:
        """Process a job, and end it unless it was canceled."""
        error: str | None = None
        try:
            self._recognize(job)
        except _Ended:
            self._store.discard(job.id, RESULTS)
            self._store.release(job.id)
            return
        except (MienError, Problem, OSError) as problem:
            error = self._public(job, problem)
        except Exception as unexpected:  # noqa: BLE001 - the jobs behind it are processed
            _log.exception("a video failed")
            error = internal_error(unexpected).detail
        if error is not None:
            self._store.discard(job.id, RESULTS)
        self._store.end(job.id, DONE if error is None else FAILED, error)

    def _recognize(self, job: Job) -> None:
        """Write the results of a video.

        Raises:
            _Ended: The job was canceled, or the server stops.
        """
        path = str(self._store.file(job.id, VIDEO))
        watch = _Watch(self._store, job, video_info(path).frames, self._stopping, self._seconds)
        results = recognize_video(
            self._components(choice_of(job)), path, options_of(job), notice=lambda _: None, watch=watch
        )
        with closing(results), self._store.file(job.id, RESULTS).open("wb") as stream:
            for result in results:
                stream.write(encode_json(_named(result, job.name)) + b"\n")
                watch.count(result)
                self._counted(len(result.faces))
        watch.complete()

    def _public(self, job: Job, error: Exception) -> str:
        """Return the message of an error, with the name of the video, without folders of the server."""
        parts = str(error).split(str(self._store.file(job.id, VIDEO)))
        return job.name.join(map(without_folders, parts))


class _Watch:
    """Ends a job that was canceled or takes too long, and records its progress.

    Args:
        store: The jobs.
        job: The running job.
        total: Frames of the video, approximately.
        stopping: Set when the server stops.
        seconds: The job may take this long.
    """

    def __init__(
        self, store: JobStore, job: Job, total: int | None, stopping: threading.Event, seconds: float
    ) -> None:
        self._store, self._job, self._total = store, job.id, total
        self._stopping, self._seconds = stopping, seconds
        self._frames = self._faces = self._position = 0
        self._began = self._reported = time.monotonic()

    def __call__(self, number: int) -> None:
        """Check the job after a frame was read, in the thread that reads.

        Raises:
            _Ended: The job was canceled, or the server stops.
            MienError: It took too long.
        """
        self._position = number + 1
        if self._stopping.is_set():
            raise _Ended
        now = time.monotonic()
        if now - self._began > self._seconds:
            raise MienError(f"processing took more than {self._seconds / 3600:g} hours")
        if now - self._reported > REPORT_SECONDS:
            self._reported = now
            self._report(self._total)

    def count(self, result: Result) -> None:
        """Count a frame that was processed."""
        self._frames, self._faces = self._frames + 1, self._faces + len(result.faces)

    def complete(self) -> None:
        """Record the progress at the end."""
        self._report(self._position)

    def _report(self, total: int | None) -> None:
        if not self._store.progress(self._job, self._frames, self._faces, self._position, total):
            raise _Ended


def choice_of(job: Job) -> Choice:
    """Return what a job chooses of the server."""
    return Choice(job.options["bundle"], job.options["detector"], job.options["threshold"])


def options_of(job: Job) -> VideoOptions:
    """Return how a job's video is processed."""
    names = ("every", "detect_every", "smooth")
    return VideoOptions(**{name: job.options[name] for name in names})


def _named(result: Result, name: str) -> Result:
    return replace(result, source=name)
