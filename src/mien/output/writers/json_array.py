"""JSON: one array with an object for each image or video frame.

The closing bracket is rewritten after each result, so the file is valid JSON at any time. Each object
is on a line of its own, so a run can be resumed without parsing the whole array.
"""

from collections.abc import Iterator
from pathlib import Path

from mien.output.writers.base import WrittenResult
from mien.output.writers.json_lines import encode_json, is_result_prefix, parse_json
from mien.output.writers.text import TextWriter
from mien.recognition.face import Result

OPENING, SEPARATOR = b"[\n", b",\n"
EMPTY = OPENING + b"\n]\n"


class JsonWriter(TextWriter):
    """Writes a JSON array."""

    title = "JSON"
    endings = (".json",)
    mergeable = True
    tail = b"\n]\n"

    def header(self) -> bytes:
        """Return the opening bracket."""
        return OPENING

    def encode(self, result: Result, *, first: bool) -> bytes:
        """Return an object, after a comma unless it is the first."""
        return (b"" if first else SEPARATOR) + encode_json(result)

    def write_content(self, content: bytes) -> None:
        """Write an object of another array, in which a comma may precede it."""
        item = content.removeprefix(SEPARATOR)
        super().write_content(item if self._is_empty else SEPARATOR + item)

    @classmethod
    def is_own(cls, path: Path) -> bool:
        """Return whether an existing file is a result of mien, perhaps an array without results."""
        with path.open("rb") as stream:
            return super().is_own(path) or stream.read(len(EMPTY) + 1) == EMPTY

    @classmethod
    def read_written(cls, path: Path) -> Iterator[WrittenResult]:
        """Yield the complete objects of a file."""
        if not path.exists():
            return
        with path.open("rb") as stream:
            start = stream.readline(len(OPENING))
            if start != OPENING[: len(start)]:
                raise cls.unexpected_content(path, 1)
            yield from cls._objects(cls.lines_of(stream, path), path, len(start))

    @classmethod
    def _objects(cls, lines: Iterator[bytes], path: Path, end: int) -> Iterator[WrittenResult]:
        """Yield the objects in lines, of which each but the last ends with a comma.

        The file ends with a bracket, or where a killed process stopped to write.
        """
        separated = True
        for number, line in enumerate(lines, start=2):
            item = line.rstrip(b",\n")
            if item in (b"", b"]"):
                if any(rest.strip() not in (b"", b"]") for rest in lines):
                    raise cls.unexpected_content(path, number)
                return
            written = parse_json(item, end + len(item)) if separated else None
            if written is not None:
                yield written
            elif line.endswith(b"\n") or not (separated and is_result_prefix(line)):
                raise cls.unexpected_content(path, number)
            separated = line.endswith(SEPARATOR)
            end += len(line)
