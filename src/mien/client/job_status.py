"""The state of a job: a video that a server processes in the background."""

from dataclasses import dataclass
from typing import Any, Final

from mien.client.answers import Answer, Content, json_of, parsed, require_success, valid_answer
from mien.errors import ServerError
from mien.files.json_fields import Key, count, items, mapping, number, or_none, read_fields, text
from mien.limits import MAX_RECORD_BYTES
from mien.recognition.face import Result

ENDED: Final = ("done", "failed", "canceled")

_SECONDS: Final = number(0, 1e12)


@dataclass(frozen=True)
class JobStatus:
    """The state of a job at one time.

    Attributes:
        id: Its name on the server.
        name: Name of the video; source of the results.
        options: Of the upload.
        state: "queued", "running", "done", "failed" or "canceled".
        created: Seconds since 1970.
        ended: Seconds since 1970; None before the end.
        frames: Frames that were processed.
        total: Frames of the video, approximately; None if that is unknown.
        faces: Faces in the processed frames.
        error: Why it failed.
        progress: 0 to 1; None if that is unknown.
    """

    id: str
    name: str
    options: dict[str, Any]
    state: str
    created: float
    ended: float | None
    frames: int
    total: int | None
    faces: int
    error: str | None
    progress: float | None

    @property
    def has_ended(self) -> bool:
        """Whether it is done, failed or was canceled."""
        return self.state in ENDED

    def require_done(self) -> None:
        """Check that it is done.

        Raises:
            ServerError: It failed, was canceled, or has not ended.
        """
        if self.state != "done":
            reason = f": {self.error}" if self.error else ""
            verb = {"failed": "failed", "canceled": "was canceled"}.get(self.state, "has not ended")
            raise ServerError(f"{self.name}: the job {verb}{reason}", kind=f"job-{self.state}")


def status_of(values: object) -> JobStatus:
    """Return the state of a job from its JSON."""
    return JobStatus(**read_fields(values, _JOB, "a job"))


def job_of(answer: Answer) -> JobStatus:
    """Return the answer about one job."""
    with valid_answer():
        return status_of(json_of(answer))


def jobs_of(answer: Answer) -> list[JobStatus]:
    """Return the answer about all jobs."""
    with valid_answer():
        found = read_fields(json_of(answer), {"jobs": Key(items, "a list of jobs")}, "the jobs")
        return [status_of(one) for one in found["jobs"]]


class Lines:
    """Splits JSON lines that arrive in parts, and returns their results.

    Attributes:
        content: The status of the answer, and its body if the server refused the request.
    """

    def __init__(self) -> None:
        self.content = Content()
        self._rest = b""

    def results(self, part: bytes) -> list[Result]:
        """Return the results that a part completes.

        Raises:
            ServerError: They are not valid, or a line has no end.
        """
        if not self.content.is_success:
            self.content.add(part)
            return []
        *lines, self._rest = (self._rest + part).split(b"\n")
        if len(self._rest) > MAX_RECORD_BYTES:
            raise ServerError(f"a line of the answer has more than {MAX_RECORD_BYTES >> 20} MB")
        with valid_answer():
            return [Result.from_dict(parsed(line)) for line in lines if line]

    def require_end(self) -> None:
        """Check that the results are complete.

        Raises:
            ServerError: The server refused the request, or the last line has no end.
        """
        require_success(self.content.answer)
        if self._rest:
            raise ServerError("the results of the job end within a line")


_JOB: Final = {
    "id": Key(text, "a string"),
    "name": Key(text, "a string"),
    "options": Key(mapping, "an object"),
    "state": Key(text, "a string"),
    "created": Key(_SECONDS, "seconds since 1970"),
    "ended": Key(or_none(_SECONDS), "seconds since 1970, or null"),
    "frames": Key(count, "a number of frames"),
    "total": Key(or_none(count), "a number of frames, or null"),
    "faces": Key(count, "a number of faces"),
    "error": Key(or_none(text), "a string or null"),
    "progress": Key(or_none(number(0, 1)), "a number, 0 to 1, or null"),
}
