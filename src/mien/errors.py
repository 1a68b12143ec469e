"""Every error that a user can cause.

A message says what was found, where, what was expected and what to do, in one line. The command
line prints it and exits with code 2, or with 1 for an output that could not be written. Any other
exception is a defect.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from mien.text import one_line


class MienError(Exception):
    """Base of all errors caused by input, options or the machine rather than by a defect.

    The message is one line of limited length with visible control characters, whatever names and values it
    quotes. The fields repeat what it says, for programs.

    Args:
        message: What was found, where, what was expected and what to do.
        path: The file or folder that the error is about.
        row: The row of a table (from 1, without the header), or the name of a member, in `path`.
        expected: What was expected instead.

    Examples:
        >>> error = DataError("faces.csv: row 7: no pixels", path="faces.csv", row=7)
        >>> str(error), error.path.name, error.row, error.expected
        ('faces.csv: row 7: no pixels', 'faces.csv', 7, None)
    """

    def __init__(
        self,
        message: str = "",
        *,
        path: "str | PathLike[str] | None" = None,
        row: int | str | None = None,
        expected: str | None = None,
    ) -> None:
        super().__init__(one_line(_text_of(message)))
        self.path = Path(path) if isinstance(path, str | PathLike) else None
        self.row = row
        self.expected = expected


def _text_of(value: object) -> str:
    """The text of a value; Python refuses to write integers of thousands of digits."""
    try:
        return str(value)
    except ValueError:
        return f"<{type(value).__name__}>"


class OutputError(MienError):
    """An output could not be written, as on a full disk; what it held before is kept. The exit code is 1."""


class DataError(MienError):
    """A data source can't be read as faces, or lacks what is required of it."""


class RecipeError(MienError):
    """A recipe, or an override of one of its values, is not valid."""


class RunError(MienError):
    """A run folder is missing, damaged, or not in a state that allows the request."""


class PredictionsError(MienError):
    """A file of predictions can't be read, or doesn't match the faces it is evaluated on."""


class BundleError(MienError):
    """A bundle is missing, damaged, not made by mien, or doesn't fit its input."""


class GraphError(MienError):
    """An ONNX graph has something that mien doesn't run: an operator, a size, an inconsistency."""


class ImageError(MienError):
    """An image, a video or a stream can't be read."""


class DetectorError(MienError):
    """A face detector, or the boxes given in its place, can't be used."""


class ServerError(MienError):
    """A server can't be reached, refuses a request, or its answer is not one of `mien serve`.

    The fields are those of the problem details (RFC 9457) that it sends.

    Args:
        message: What happened, and what to do; the `detail` of the problem.
        status: HTTP status code; None if there was no answer.
        kind: Kind of the problem, such as "queue-full"; None if the answer has none.
        title: The same for each problem of its kind.
        errors: The invalid parts of the request.
        retry_after: Seconds after which the server may accept the request.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        kind: str | None = None,
        title: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.title = status, kind, title
        self.errors = list(errors) if isinstance(errors, list | tuple) else []
        self.retry_after = retry_after


class MissingExtraError(MienError):
    """A feature needs an optional dependency that is not installed.

    Args:
        package: The missing package.
        extra: The extra of mien that installs it; None if there is none.
    """

    def __init__(self, package: str, extra: str | None = None) -> None:
        name = _text_of(package)
        command = f"pip install {name}" if extra is None else f"pip install 'mien[{_text_of(extra)}]'"
        super().__init__(f"this needs the package {name!r}: run {command}", expected=command)
        self.package = package
        self.extra = extra

    def __reduce__(self) -> tuple[type["MissingExtraError"], tuple[str, str | None]]:
        return type(self), (self.package, self.extra)
