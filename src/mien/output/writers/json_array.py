"""JSON: one array with an object for each picture or frame.

The closing bracket is written anew after each result, so that the file is valid JSON all the time.
Each object has a line of its own, by which a run resumes without reading the array as one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from mien.output.writers.json_lines import json_of, refuse_foreign_start, written_of
from mien.output.writers.text import TextWriter
from mien.output.writers.written import Written, end_of, foreign
from mien.recognition.face import Result

KIND = "JSON"
OPENING, BETWEEN, TAIL = b"[\n", b",\n", b"\n]\n"


class JsonWriter(TextWriter):
    """Writes a JSON array.

    Args:
        target: A file, or None for standard output.
        classes: Of the bundle.
        resume: Go on after the last whole result in the file, if there is one.

    Raises:
        MienError: The file to resume holds something else, or other classes.
    """

    tail: ClassVar[bytes] = TAIL

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        start = end_of(read_json_array(target), classes, target) if resume and target else 0
        super().__init__(target, start)

    def opening(self) -> bytes:
        """Return the opening bracket."""
        return OPENING

    def encoded(self, result: Result, *, first: bool) -> bytes:
        """Return an object, after a comma unless it is the first."""
        return (b"" if first else BETWEEN) + json_of(result)


def read_json_array(path: Path) -> Iterator[Written]:
    """Yield the whole results of a file, none where there is no file; a torn last one is left out.

    Raises:
        MienError: It isn't such a file.
    """
    if not path.exists():
        return
    with path.open("rb") as stream:
        start = stream.readline()
        if start != OPENING[: len(start)]:
            raise foreign(path, KIND, 1)
        end = len(start)
        for number, line in enumerate(stream, start=2):
            item = line.rstrip(b",\n")
            if item in (b"", b"]"):
                return
            written = written_of(item, end + len(item))
            if written is not None:
                yield written
            elif line.endswith(b"\n"):
                raise foreign(path, KIND, number)
            else:
                refuse_foreign_start(line, path, number, KIND)
            end += len(line)
