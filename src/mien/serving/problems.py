"""Errors of the API as problem details (RFC 9457): JSON with type, title, status and detail."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from mien.errors import MienError
from mien.text import one_line, utf8

METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

MEDIA_TYPE: Final = "application/problem+json"


class ProblemDetails(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(examples=["urn:mien:problem:too-large"], description="Kind of the problem.")
    title: str = Field(examples=["The request is too large"], description="The same for each of its kind.")
    status: int = Field(examples=[413], description="HTTP status code.")
    detail: str = Field(
        examples=["the body has more than 67,108,864 bytes; send fewer or smaller images"],
        description="What was found, what was expected, and what to do.",
    )
    errors: list[dict[str, Any]] = Field(default=[], description="The invalid parts of the request.")


class Problem(Exception):  # noqa: N818 - the term of RFC 9457
    """A request that can't be answered.

    Args:
        kind: A key of `KINDS`.
        detail: What was found, what was expected, and what to do.
        errors: The invalid parts of the request.
        retry_after: Seconds after which the client may try again.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        retry_after: int | None = None,
    ) -> None:
        self.status, self.title, _ = KINDS[kind]
        self.kind, self.detail, self.errors = kind, one_line(detail), list(errors)
        self.retry_after = retry_after
        super().__init__(self.detail)

    def content(self) -> dict[str, Any]:
        """Return the problem details."""
        return problem_details(
            self.status, self.title, self.detail, f"urn:mien:problem:{self.kind}", self.errors
        )

    def response(self) -> Response:
        """Return the answer to the client."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        if self.kind == "invalid-http":
            headers["Connection"] = "close"  # where the next request begins is uncertain (RFC 9112, 6.3)
        return problem_response(self.content(), headers)


class Kind(NamedTuple):
    """A kind of problem: its HTTP status and title, and the detail of an example."""

    status: int
    title: str
    example: str


KINDS: Final[Mapping[str, Kind]] = {
    "unreadable-image": Kind(
        422, "An image can't be read", "notes.txt: not an image that can be read (JPEG, PNG, …)"
    ),
    "invalid-request": Kind(
        422, "A parameter or a part of the request is not valid",
        "query.threshold: Input should be less than or equal to 1",
    ),
    "invalid-body": Kind(400, "The body is not what its type states", "no file: expected parts named files"),
    "invalid-http": Kind(400, "The request is not valid HTTP", "illegal request line"),
    "unauthorized": Kind(401, "A token is required", "expected the header Authorization: Bearer TOKEN"),
    "foreign-origin": Kind(
        403, "Pages of other origins are not answered",
        "origin 'https://example.org': expected http://127.0.0.1:8000; the operator can allow others",
    ),
    "unknown-job": Kind(
        404, "There is no such job", "no job 'u3bJ': there was none, or it was removed after a time"
    ),
    "body-timeout": Kind(
        408, "The request was not sent in time",
        "the body came too slowly: expected a part every 30 seconds, and 16,384 bytes per second",
    ),
    "head-timeout": Kind(
        408, "The head of the request was not sent in time",
        "expected the head of a request within 15 seconds",
    ),
    "not-done": Kind(409, "The job has no result", "the job is running"),
    "too-large": Kind(
        413, "The request is too large",
        "the body has more than 67,108,864 bytes; send fewer or smaller files"
    ),
    "unsupported-type": Kind(
        415, "The type of the body is not supported",
        "application/json: expected multipart/form-data with parts named files",
    ),
    "unknown-host": Kind(
        421, "The host name is not served here",
        "host 'example.org': expected localhost or an address; the operator can allow others",
    ),
    "upgrade-required": Kind(426, "The address is that of a WebSocket", "open a WebSocket: ws://…/v1/live"),
    "queue-full": Kind(
        429, "Too many requests are waiting",
        "512 images are in progress; try again after the time in Retry-After",
    ),
    "too-many-frames": Kind(
        429, "The session sends too many frames", "more than 120 frames in a second; send fewer"
    ),
    "head-too-large": Kind(431, "The head of the request is too large", "Receive buffer too long"),
    "internal-error": Kind(500, "The server failed", "an internal error (RuntimeError)"),
    "not-ready": Kind(503, "The server is not ready", "the bundle and the detector are being opened"),
    "unavailable": Kind(
        503, "The bundle or the detector can't be opened", "yunet.onnx: no such file"
    ),
    "jobs-unavailable": Kind(
        503, "The jobs can't be read or written", "the server can't read or write its jobs"
    ),
    "too-many-connections": Kind(
        503, "The server has too many connections", "there are more than 1,024 connections; try again later"
    ),
    "stopping": Kind(503, "The server stops", "the server stops; try again later"),
    "disk-full": Kind(
        507, "The video can't be stored", "the video can't be stored (No space left on device)"
    ),
}  # fmt: skip
"""All kinds of problems; the type of one is `urn:mien:problem:KIND`."""


def problem_details(
    status: int, title: str, detail: str, kind: str = "about:blank", errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the JSON object of a problem."""
    content: dict[str, Any] = {"type": kind, "title": title, "status": status, "detail": detail}
    return content | ({"errors": list(errors)} if errors else {})


def problem_response(content: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """Return a problem as a response."""
    text = utf8(json.dumps(content, ensure_ascii=False))
    return Response(text, content["status"], headers, MEDIA_TYPE)


def internal_error(error: Exception) -> Problem:
    """Return the problem of an unexpected error; the caller logs it."""
    return Problem("internal-error", f"an internal error ({type(error).__name__})")


_FOLDERS: Final = re.compile(r"(?<![\w:/.\\])(?:~|[A-Za-z]:)?[/\\](?:[^/\\\n:;,'\"()]*[/\\])+(?=[^/\\\s])")


def without_folders(text: str) -> str:
    """Return a message with the names of files only, since folders of the server are nobody's business.

    Example:
        >>> without_folders("/home/ada/.cache/mien/yunet.onnx: not a detector")
        'yunet.onnx: not a detector'
    """
    return _FOLDERS.sub("", text)


def invalid_parts(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the errors of pydantic as parts of a problem: where each is, and what is wrong."""
    return [{"where": ".".join(map(str, one["loc"])), "detail": one_line(one["msg"])} for one in errors]


def add_handlers(app: FastAPI) -> None:
    """Answer all errors of an application with problem details."""

    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> Response:
        return error.response()

    @app.exception_handler(MienError)
    async def mien_error(_: Request, error: MienError) -> Response:
        return Problem("invalid-request", without_folders(str(error))).response()

    @app.exception_handler(ClientDisconnect)
    async def left(_: Request, __: ClientDisconnect) -> Response:
        return Problem("invalid-body", "the client left before the end of the body").response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        errors = invalid_parts(error.errors())
        text = "; ".join(f"{one['where']}: {one['detail']}" for one in errors)
        return Problem("invalid-request", text, errors=errors).response()

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        title = HTTPStatus(error.status_code).phrase
        content = problem_details(error.status_code, title, one_line(str(error.detail)))
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods_of(app, request))
        return problem_response(content, headers)


def _methods_of(app: FastAPI, request: Request) -> list[str]:
    """Return the methods of an address; the header of Starlette has those of the first route only."""
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    return [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in app.routes)
    ]
