"""The thread that processes the videos of jobs, one after another."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Final

from mien.errors import MienError
from mien.media.video.capture import video_info
from mien.output.writers.json_lines import encode_json
from mien.recognition.components import Components
from mien.recognition.face import Result
from mien.recognition.video import VideoOptions, recognize_video
from mien.serving.catalog import Choice
from mien.serving.jobs.store import DONE, FAILED, RESULTS, VIDEO, Job, JobStore
from mien.serving.problems import Problem

_log = logging.getLogger("mien")

REPORT_SECONDS: Final = 0.5
"""Between two records of the progress."""

IDLE_SECONDS: Final = 60.0
"""Between two searches for expired jobs."""


class JobWorker:
    """Processes queued jobs in a thread.

    Args:
        store: The jobs.
        components: Returns the detector and the classifier of a request.
        counted: Called with the number of faces of each frame.
    """

    def __init__(
        self,
        store: JobStore,
        components: Callable[[Choice], Components],
        counted: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._store, self._components, self._counted = store, components, counted
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin with the jobs that wait since the last start."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is a new job."""
        self._wake.set()

    def stop(self) -> None:
        """End; the running job is processed again after the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._store.remove_expired()
            while not self._stopping.is_set() and (job := self._store.claim()):
                self._process(job)
            self._wake.wait(IDLE_SECONDS)

    def _process(self, job: Job) -> None:
        try:
            complete = self._recognize(job)
        except (MienError, Problem, OSError) as error:
            text = str(error).replace(str(self._store.file(job.id, VIDEO)), job.name)
            self._store.end(job.id, FAILED, text)
        except Exception as error:  # noqa: BLE001 - the jobs behind it are processed
            _log.exception("a video failed")
            self._store.end(job.id, FAILED, f"an internal error ({type(error).__name__})")
        else:
            if complete:
                self._store.end(job.id, DONE)

    def _recognize(self, job: Job) -> bool:
        """Write the results of a video; return whether that was not stopped or canceled."""
        path = self._store.file(job.id, VIDEO)
        components = self._components(choice_of(job))
        total = video_info(str(path)).frames
        frames = faces = 0
        reported = time.monotonic()
        results = recognize_video(components, str(path), options_of(job), notice=lambda _: None)
        with closing(results), self._store.file(job.id, RESULTS).open("wb") as stream:
            for result in results:
                stream.write(encode_json(_named(result, job.name)) + b"\n")
                frames, faces = frames + 1, faces + len(result.faces)
                self._counted(len(result.faces))
                if self._stopping.is_set():
                    return False
                if time.monotonic() - reported > REPORT_SECONDS:
                    reported = time.monotonic()
                    if not self._store.progress(job.id, frames, faces, total):
                        return False
        return self._store.progress(job.id, frames, faces, frames)


def choice_of(job: Job) -> Choice:
    """Return what a job chooses of the server."""
    return Choice(job.options["bundle"], job.options["detector"], job.options["threshold"])


def options_of(job: Job) -> VideoOptions:
    """Return how a job's video is processed."""
    names = ("every", "detect_every", "smooth")
    return VideoOptions(**{name: job.options[name] for name in names})


def _named(result: Result, name: str) -> Result:
    return replace(result, source=name)
