"""Answers of a server to what the methods of a client return; problems to errors."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from mien.errors import ImageError, MienError, ServerError
from mien.files.json_fields import Key, flag, items, mapping, number, or_none, read_fields, text, texts
from mien.files.strict_json import parse_json
from mien.limits import MAX_TEXT_BYTES
from mien.text import one_line

PROBLEM_PREFIX: Final = "urn:mien:problem:"

BLANK: Final = "about:blank"
"""Type of problems that only have a status code."""

UNREADABLE: Final = "unreadable-image"
"""Kind of the problem that none of the images of a request can be read."""


class Answer(NamedTuple):
    """An answer of a server.

    Attributes:
        status: HTTP status code.
        headers: By name, in small letters.
        content: The body.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


class Content:
    """Gathers an answer, up to a limit of its body."""

    def __init__(self) -> None:
        self._status, self._headers = 0, dict[str, str]()
        self._parts: list[bytes] = []
        self._size = 0

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Keep the status and the headers."""
        self._status = status
        self._headers = {name.lower(): value for name, value in headers.items()}

    def add(self, part: bytes) -> None:
        """Add a part of the body.

        Raises:
            ServerError: There are too many bytes.
        """
        self._size += len(part)
        if self._size > MAX_TEXT_BYTES:
            raise ServerError(f"the answer has more than {MAX_TEXT_BYTES >> 20} MB")
        self._parts.append(part)

    @property
    def is_success(self) -> bool:
        """Whether the server accepted the request."""
        return 200 <= self._status < 300

    @property
    def answer(self) -> Answer:
        """What was gathered."""
        return Answer(self._status, self._headers, b"".join(self._parts))


class UnreadableImageError(ServerError, ImageError):
    """The server can't read an image."""


class Health(NamedTuple):
    """The state of a server.

    Attributes:
        status: "ok".
        version: Version of mien.
    """

    status: str
    version: str


class ServedBundle(NamedTuple):
    """A bundle of a server.

    Attributes:
        name: As the argument `bundle` of a client.
        default: Used where a client names none.
        classes: Names of the classes.
        colors: Their colors in drawings.
        threshold: A face with a lower confidence is uncertain; None if there is none.
        metadata: As `mien bundle info --json`.
    """

    name: str
    default: bool
    classes: tuple[str, ...]
    colors: tuple[str, ...]
    threshold: float | None
    metadata: dict[str, Any]


class Served(NamedTuple):
    """What a server has to choose from.

    Attributes:
        bundles: The bundles; the first is the default.
        detectors: Names of the detectors; the first is the default.
    """

    bundles: tuple[ServedBundle, ...]
    detectors: tuple[str, ...]


def json_of(answer: Answer) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON of an answer.

    Raises:
        ServerError: The server refused the request, or sent no JSON.
    """
    require_success(answer)
    return parsed(answer.content)


def parsed(content: bytes | str) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of JSON that a server sent.

    Raises:
        ServerError: It is not JSON.
    """
    try:
        return parse_json(content if isinstance(content, str) else content.decode())
    except (ValueError, RecursionError) as error:
        raise ServerError(
            f"the answer is not JSON ({error}); is the address that of another server than mien serve?"
        ) from error


def require_success(answer: Answer) -> None:
    """Raise ServerError if the server refused the request."""
    if not 200 <= answer.status < 300:
        raise error_of(answer)


def error_of(answer: Answer) -> ServerError:
    """Return the error of an answer with problem details, or of any other answer that is no success."""
    try:
        problem = mapping(parsed(answer.content))
    except (ServerError, ValueError):
        problem = {}
    return problem_error(problem, answer.status, retry_seconds(answer.headers))


def problem_error(
    problem: Mapping[str, Any], status: int | None = None, retry_after: float | None = None
) -> ServerError:
    """Return the error of problem details (RFC 9457), of which any part may be missing."""
    title = problem.get("title") if isinstance(problem.get("title"), str) else None
    detail = problem.get("detail") if isinstance(problem.get("detail"), str) else None
    kind = str(problem.get("type", "")).removeprefix(PROBLEM_PREFIX)
    errors = problem.get("errors")
    parts = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    code = problem.get("status") if status is None else status
    made = UnreadableImageError if kind == UNREADABLE else ServerError
    plain = f"HTTP status {code}: {detail or title or 'no reason'}; is the address that of mien serve?"
    return made(
        detail if detail and kind not in ("", BLANK) else plain,
        status=code if isinstance(code, int) else None,
        kind=kind if kind not in ("", BLANK) else None,
        title=title,
        errors=parts,
        retry_after=retry_after,
    )


def retry_seconds(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a `Retry-After` header; None without one. A date is taken as one second."""
    value = headers.get("retry-after")
    if value is None:
        return None
    return float(value) if value.isdecimal() and len(value) < 10 else 1.0


@contextmanager
def valid_answer() -> Iterator[None]:
    """Turn errors about values of an answer into errors about the server.

    Raises:
        ServerError: A value is not valid.
    """
    try:
        yield
    except ServerError:
        raise
    except MienError as error:
        raise ServerError(f"the answer is not one of mien serve: {error}") from error


def health_of(answer: Answer) -> Health:
    """Return the answer to `/healthz`."""
    with valid_answer():
        return Health(**read_fields(json_of(answer), _HEALTH, "the state"))


def served_of(answer: Answer) -> Served:
    """Return the answer to `/v1/bundles`."""
    with valid_answer():
        fields = read_fields(json_of(answer), _SERVED, "the bundles")
        bundles = [ServedBundle(**read_fields(one, _BUNDLE, "a bundle")) for one in fields["bundles"]]
        return Served(tuple(bundles), fields["detectors"])


def text_of(answer: Answer) -> str:
    """Return an answer that is text."""
    require_success(answer)
    return answer.content.decode(errors="replace")


def nothing_of(answer: Answer) -> None:
    """Check an answer without content."""
    require_success(answer)


def details_of(error: ServerError) -> Sequence[str]:
    """Return the reason for each image of a request of which none could be read."""
    return [one_line(str(part.get("detail", error))) for part in error.errors]


_HEALTH: Final = {"status": Key(text, "a string"), "version": Key(text, "a string")}
_SERVED: Final = {"bundles": Key(items, "a list of bundles"), "detectors": Key(texts, "a list of names")}
_BUNDLE: Final = {
    "name": Key(text, "a string"),
    "default": Key(flag, "true or false"),
    "classes": Key(texts, "a list of names"),
    "colors": Key(texts, "a list of colors"),
    "threshold": Key(or_none(number(0, 1)), "a number, 0 to 1, or null"),
    "metadata": Key(mapping, "an object"),
}
