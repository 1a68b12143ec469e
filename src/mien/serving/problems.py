"""Errors of the API as problem details (RFC 9457): JSON with type, title, status and detail."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien.errors import MienError
from mien.text import one_line, utf8

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
        kind: A key of `TITLES`.
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
        self.status, self.title = TITLES[kind]
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
        return problem_response(self.content(), headers)


TITLES: Final[Mapping[str, tuple[int, str]]] = {
    "unreadable-image": (422, "An image can't be read"),
    "invalid-request": (422, "A parameter or a part of the request is not valid"),
    "invalid-body": (400, "The body is not what its type states"),
    "unknown-host": (421, "The host name is not served here"),
    "foreign-origin": (403, "Pages of other origins are not answered"),
    "unauthorized": (401, "A token is required"),
    "body-timeout": (408, "The request was not sent in time"),
    "too-large": (413, "The request is too large"),
    "unsupported-type": (415, "The type of the body is not supported"),
    "queue-full": (429, "Too many requests are waiting"),
    "unknown-job": (404, "There is no such job"),
    "not-done": (409, "The job has no result"),
    "disk-full": (507, "The video can't be stored"),
    "invalid-http": (400, "The request is not valid HTTP"),
    "head-too-large": (431, "The head of the request is too large"),
    "upgrade-required": (426, "The address is that of a WebSocket"),
    "head-timeout": (408, "The head of the request was not sent in time"),
    "too-many-frames": (429, "The session sends too many frames"),
    "internal-error": (500, "The server failed"),
    "not-ready": (503, "The server is not ready"),
    "unavailable": (503, "The bundle or the detector can't be opened"),
    "jobs-unavailable": (503, "The jobs can't be read or written"),
    "too-many-connections": (503, "The server has too many connections"),
    "stopping": (503, "The server stops"),
}
"""HTTP status and title of each kind of problem."""


def problem_details(
    status: int,
    title: str,
    detail: str,
    kind: str = "about:blank",
    errors: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the JSON object of a problem."""
    content: dict[str, Any] = {"type": kind, "title": title, "status": status, "detail": detail}
    return content | ({"errors": list(errors)} if errors else {})


def problem_response(content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as a response."""
    text = utf8(json.dumps(content, ensure_ascii=False))
    return Response(text, content["status"], headers, MEDIA_TYPE)


def documented(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route for these kinds of problems, for the OpenAPI document."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        status, title = TITLES[kind]
        example = {"type": f"urn:mien:problem:{kind}", "title": title, "status": status, "detail": "…"}
        content = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}, "example": example}
        found[status] = {"description": title, "content": {MEDIA_TYPE: content}}
    return found


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

    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - for the type checker
        return error.response()

    async def mien_error(_: Request, error: Exception) -> Response:
        return Problem("invalid-request", without_folders(str(error))).response()

    async def left(_: Request, __: Exception) -> Response:
        return Problem("invalid-body", "the client left before the end of the body").response()

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
        errors = invalid_parts(error.errors())
        text = "; ".join(f"{one['where']}: {one['detail']}" for one in errors)
        return Problem("invalid-request", text, errors=errors).response()

    async def http_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
        title = HTTPStatus(error.status_code).phrase
        content = problem_details(error.status_code, title, one_line(str(error.detail)))
        return problem_response(content, error.headers)

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(ClientDisconnect, left)
    app.add_exception_handler(MienError, mien_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http_error)
