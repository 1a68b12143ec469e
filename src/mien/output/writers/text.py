"""Base class of the text formats: a header, one encoded result after another, and a tail."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from mien.output.writers.base import FormatWriter
from mien.output.writers.streams import open_stream
from mien.recognition.face import Result


class TextWriter(FormatWriter):
    r"""Writes each result immediately and completely, so that the file is valid at any time.

    A text format defines `title`, `endings` and `encode`; `header` and `tail` if it has them; and
    `read_written` to be resumable. One line per face:

        class LabelWriter(TextWriter):
            title = "label list"
            endings = (".labels",)

            def encode(self, result: Result, *, first: bool) -> bytes:
                return "".join(f"{result.source} {face.label}\n" for face in result.faces).encode()

    A package registers it in its pyproject.toml:

        [project.entry-points."mien.writers"]
        labels = "my_package:LabelWriter"
    """

    tail: ClassVar[bytes] = b""
    """Text after the last result, such as a closing bracket."""

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        super().__init__(target, classes, resume=resume)
        self._stream = open_stream(target, self.start)
        self._is_empty = not self.start
        self._has_written = False

    def header(self) -> bytes:
        """Return the text before the first result."""
        return b""

    @abstractmethod
    def encode(self, result: Result, *, first: bool) -> bytes:
        """Return the text of a result; `first` is true for the first result of the file."""

    def __enter__(self) -> Self:
        self._stream.open()
        return self

    def write(self, result: Result) -> None:
        """Write one result."""
        self._write(self.encode(result, first=self._is_empty))
        self._is_empty = False

    def read_contents(self, path: Path, ends: Sequence[int], order: Sequence[int]) -> Iterator[bytes]:
        """Yield the bytes of results of another file."""
        with path.open("rb") as stream:
            for number in order:
                start = ends[number - 1] if number else len(self.header())
                stream.seek(start)
                yield stream.read(ends[number] - start)

    def write_content(self, content: bytes) -> None:
        """Write the bytes of a result of another file."""
        self._write(content)
        self._is_empty = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and issubclass(kind, BrokenPipeError):
            return  # the reader has closed the pipe
        if kind is None and not self._has_written:
            self._write(b"")  # creates a file without results, or cuts off an incomplete last one
        self._stream.close(completed=kind is None)

    def _write(self, content: bytes) -> None:
        self._stream.write(self.header() + content if self._is_empty else content, self.tail)
        self._has_written = True
