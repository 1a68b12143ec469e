"""JSON lines: one JSON object per image or video frame, one per line."""

import json
from collections.abc import Iterator
from pathlib import Path

from mien.output.writers.base import WrittenResult
from mien.output.writers.text import TextWriter
from mien.recognition.face import Result
from mien.text import utf8


class JsonLinesWriter(TextWriter):
    """Writes JSON lines; each is flushed before the next result is requested."""

    title = "JSON lines"
    endings = (".jsonl", ".ndjson")

    def encode(self, result: Result, *, first: bool) -> bytes:  # noqa: ARG002 - all lines are alike
        """Return a line."""
        return encode_json(result) + b"\n"

    @classmethod
    def read_written(cls, path: Path) -> Iterator[WrittenResult]:
        """Yield the complete lines of a file."""
        if not path.exists():
            return
        with path.open("rb") as stream:
            end = 0
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    if not is_result_prefix(line):
                        raise cls.unexpected_content(path, number)
                    return
                end += len(line)
                written = parse_json(line, end)
                if written is None:
                    raise cls.unexpected_content(path, number)
                yield written


def encode_json(result: Result) -> bytes:
    r"""Return a result as one line of JSON in UTF-8.

    Bytes of a file name that are not UTF-8 are escaped (\udcXX), as Python represents them.
    """
    return utf8(result.to_json())


def parse_json(line: bytes, end: int) -> WrittenResult | None:
    """Return the result in a line of JSON that ends at byte `end`, or None if it is not one."""
    try:
        value = json.loads(line)
        source, frame, faces = value["source"], value["frame"], value["faces"]
        classes = tuple(faces[0]["probabilities"]) if faces else None
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    if not isinstance(source, str) or not isinstance(frame, int | None):
        return None
    return WrittenResult(source, frame, classes, end)


def is_result_prefix(line: bytes) -> bool:
    """Return whether an incomplete line may be the beginning of a result."""
    known = b'{"source": '
    return line[: len(known)] == known[: len(line)]
