"""The requests of a client: what is sent, and how the answer is read. Nothing is sent here."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from mien.client.answers import Answer, Health, Served, health_of, nothing_of, served_of, text_of
from mien.client.explanations import RemoteExplanation, explanation_of
from mien.client.images import Part, one_result, part_of, results_of
from mien.client.job_status import JobStatus, job_of, jobs_of
from mien.client.options import Choices
from mien.detection.provided.boxes import detections_of
from mien.explanation.registry import DEFAULT
from mien.media.images.reading import ImageLike
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure
from mien.text import escape_surrogates, utf8

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Call(Generic[T]):
    """A request, and how its answer is read.

    Attributes:
        method: "GET", "POST" or "DELETE".
        path: Below the address of the server.
        read: Returns the value of an answer, or raises the error that it is.
        params: Of the query.
        files: Images.
        fields: Texts beside the images.
        body: Returns the parts of another body, from its start each time; None for none.
        waits: Whether it is sent again when the server says that it is busy.
    """

    method: str
    path: str
    read: Callable[[Answer], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[Part] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[], Iterator[bytes]] | None = None
    waits: bool = True

    @property
    def multipart(self) -> list[tuple[str, tuple[str, bytes, str]]] | None:
        """The images, as httpx takes them."""
        kind = "application/octet-stream"
        return [("files", (one.name, one.content, kind)) for one in self.files] or None

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters as texts, booleans as in JSON; of a list, a parameter for each value."""
        return {
            name: [_text(one) for one in (value if isinstance(value, list | tuple) else [value])]
            for name, value in self.params.items()
        }


@dataclass(frozen=True)
class Calls:
    """Makes the requests of a client.

    Attributes:
        choices: Of the client.
    """

    choices: Choices

    def recognize(
        self, image: ImageLike, boxes: Iterable[Sequence[float]] | None, *, bgr: bool, keep_image: bool
    ) -> Call[Result]:
        """Return the request for a single image; see `Client.recognize`."""
        part = part_of(image, bgr=bgr)
        provided = boxes is not None
        fields = {}
        if boxes is not None:
            values = [list(one.box) for one in detections_of(boxes)]
            fields["boxes"] = json.dumps({part.name: values})
        read = partial(one_result, part=part, provided=provided, keep_image=keep_image)
        return Call("POST", "/v1/faces", read, self.choices.chosen(), [part], fields)

    def faces(self, parts: Sequence[Part]) -> Call[list[Result | Failure]]:
        """Return the request for several images."""
        read = partial(results_of, parts=parts)
        return Call("POST", "/v1/faces", read, self.choices.chosen(), parts)

    def crops(self, parts: Sequence[Part]) -> Call[list[Result | Failure]]:
        """Return the request for faces that are cropped already."""
        read = partial(results_of, parts=parts)
        return Call("POST", "/v1/crops", read, self.choices.chosen("bundle", "threshold"), parts)

    def explanation(
        self,
        image: ImageLike,
        class_name: str | Sequence[str] | None,
        method: str,
        point: tuple[float, float] | None,
        *,
        bgr: bool,
    ) -> Call[RemoteExplanation]:
        """Return the request for the map of a face; see `Client.explain`."""
        part = part_of(image, bgr=bgr)
        params = self.choices.chosen("bundle", "detector")
        if class_name is not None:
            params["class"] = class_name
        if method != DEFAULT:
            params["method"] = method
        if point is not None:
            params["x"], params["y"] = point
        return Call("POST", "/v1/explain", partial(explanation_of, part=part), params, [part])

    def video(
        self, name: str, body: Callable[[], Iterator[bytes]], options: Mapping[str, Any]
    ) -> Call[JobStatus]:
        """Return the upload of a video."""
        chosen = self.choices.chosen("bundle", "detector", "threshold")
        params = {"name": name} | chosen | dict(options)
        return Call("POST", "/v1/videos", job_of, params, body=body)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else escape_surrogates(str(value))


def jobs() -> Call[list[JobStatus]]:
    """Return the request for all jobs."""
    return Call("GET", "/v1/jobs", jobs_of)


def job(number: str) -> Call[JobStatus]:
    """Return the request for the state of a job."""
    return Call("GET", f"/v1/jobs/{quote(utf8(number), safe='')}", job_of)


def end_job(number: str) -> Call[None]:
    """Return the request that cancels a job, or removes one that has ended."""
    return Call("DELETE", f"/v1/jobs/{quote(utf8(number), safe='')}", nothing_of)


def job_results(number: str) -> Call[str]:
    """Return the request for the results of a job; its answer is long, and read in parts."""
    return Call("GET", f"/v1/jobs/{quote(utf8(number), safe='')}/result", text_of)


def bundles() -> Call[Served]:
    """Return the request for the bundles and detectors."""
    return Call("GET", "/v1/bundles", served_of)


def health() -> Call[Health]:
    """Return the request for the state of the server."""
    return Call("GET", "/healthz", health_of)


def readiness() -> Call[bool]:
    """Return the request whether the default bundle and detector are open."""
    return Call("GET", "/readyz", _is_ready, waits=False)


def metrics() -> Call[str]:
    """Return the request for the metrics."""
    return Call("GET", "/metrics", text_of)


def _is_ready(answer: Answer) -> bool:
    return answer.status != 503 and bool(health_of(answer))
