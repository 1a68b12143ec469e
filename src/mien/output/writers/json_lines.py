"""JSON lines: one JSON object a picture or frame, a line each. What other programs take best."""

import json
from collections.abc import Iterator
from pathlib import Path

from mien.output.writers.text import TextWriter
from mien.output.writers.written import Written, end_of, foreign
from mien.recognition.face import Result

KIND = "JSON lines"


class JsonLinesWriter(TextWriter):
    """Writes JSON lines, each out before the next result is asked for.

    Args:
        target: A file, or None for standard output.
        classes: Of the bundle.
        resume: Go on after the last whole line of the file, if there is one.

    Raises:
        MienError: The file to resume holds something else, or other classes.
    """

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        start = end_of(read_json_lines(target), classes, target) if resume and target else 0
        super().__init__(target, start)

    def opening(self) -> bytes:
        """Return nothing."""
        return b""

    def encoded(self, result: Result, *, first: bool) -> bytes:  # noqa: ARG002 - all lines are alike
        """Return a line."""
        return json_of(result) + b"\n"


def read_json_lines(path: Path) -> Iterator[Written]:
    """Yield the whole results of a file, none where there is no file; a torn last line is left out.

    Raises:
        MienError: It isn't a file of results.
    """
    if not path.exists():
        return
    with path.open("rb") as stream:
        end = 0
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                refuse_foreign_start(line, path, number, KIND)
                return
            end += len(line)
            written = written_of(line, end)
            if written is None:
                raise foreign(path, KIND, number)
            yield written


def json_of(result: Result) -> bytes:
    r"""Return a result as one line of JSON in UTF-8.

    Bytes of a file name that are no UTF-8 are escaped (\udcXX), which Python reads as it names the file.
    """
    value = result.to_dict()
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False).encode()


def written_of(line: bytes, end: int) -> Written | None:
    """Return what a line of JSON says was written, or None if it is no result."""
    try:
        value = json.loads(line)
        source, frame, faces = value["source"], value["frame"], value["faces"]
        classes = tuple(faces[0]["probabilities"]) if faces else None
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    if not isinstance(source, str) or not isinstance(frame, int | None):
        return None
    return Written(source, frame, classes, end)


def refuse_foreign_start(line: bytes, path: Path, number: int, kind: str) -> None:
    """Raise MienError where a torn line isn't the start of a result."""
    known = b'{"source": '
    if line[: len(known)] != known[: len(line)]:
        raise foreign(path, kind, number)
