"""JSON lines: one JSON object per image or video frame, one per line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mien.output.writers.base import WrittenResult
from mien.output.writers.text import TextWriter
from mien.recognition.face import Result
from mien.text import utf8

RESULT_KEYS: Final = ("source", "width", "height", "frame", "time", "truncated", "faces")
FACE_KEYS: Final = (
    "box", "score", "tilt", "landmarks", "label", "confidence", "uncertain", "uncertain_reason",
    "probabilities", "track",
)  # fmt: skip
"""Keys of `Result.to_dict` and `Face.to_dict`. A file that lacks one is of another version."""

LARGEST_FRAME: Final = 1 << 53


class JsonLinesWriter(TextWriter):
    """Writes JSON lines; each is flushed before the next result is requested."""

    title = "JSON lines"
    endings = (".jsonl", ".ndjson")
    mergeable = True

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
            for number, line in enumerate(cls.lines_of(stream, path), start=1):
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
        value = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):  # a ValueError also for numbers of thousands of digits
        return None
    if not _is_result(value):
        return None
    faces = value["faces"]
    return WrittenResult(
        value["source"], value["frame"], tuple(faces[0]["probabilities"]) if faces else None, end
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}, which is no number in JSON")


def _is_result(value: Any) -> bool:  # noqa: ANN401 - any JSON
    """Return whether a JSON value has the keys and types of a result."""
    if not isinstance(value, dict) or tuple(value) != RESULT_KEYS:
        return False
    faces = value["faces"]
    named = isinstance(value["source"], str) and _is_frame(value["frame"])
    return named and isinstance(faces, list) and all(_is_face(face, faces[0]) for face in faces)


def _is_frame(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return value is None or (type(value) is int and 0 <= value < LARGEST_FRAME)


def _is_face(face: Any, first: Any) -> bool:  # noqa: ANN401 - any JSON
    """Return whether a JSON value is a face with the classes of the first face of its result."""
    if not isinstance(face, dict) or tuple(face) != FACE_KEYS or not isinstance(first, dict):
        return False
    probabilities = face["probabilities"]
    return (
        isinstance(probabilities, dict)
        and list(probabilities) == list(first["probabilities"])
        and isinstance(face["label"], str)
        and face["label"] in probabilities
        and all(type(number) in {int, float} for number in (face["confidence"], *probabilities.values()))
    )


def is_result_prefix(line: bytes) -> bool:
    """Return whether an incomplete line may be the beginning of a result."""
    known = b'{"source": '
    return line[: len(known)] == known[: len(line)]
