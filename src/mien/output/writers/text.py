"""What the writers of text have in common: an opening, an encoded result after the other, and a tail."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from mien.output.writers.streams import open_output
from mien.recognition.face import Result


class TextWriter(ABC):
    """Writes results, each at once and whole.

    Args:
        target: A file, or None for standard output.
        start: Byte at which the file goes on; 0 begins it anew.
    """

    tail: ClassVar[bytes] = b""

    def __init__(self, target: Path | None, start: int) -> None:
        self._output = open_output(target, start)
        self._is_empty = not start
        self._is_begun = False

    @abstractmethod
    def opening(self) -> bytes:
        """Return what stands before the first result."""

    @abstractmethod
    def encoded(self, result: Result, *, first: bool) -> bytes:
        """Return a result as it is written."""

    def __enter__(self) -> Self:
        self._output.open()
        return self

    def write(self, result: Result) -> None:
        """Write one result."""
        self._put(self.encoded(result, first=self._is_empty))
        self._is_empty = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and issubclass(kind, BrokenPipeError):
            return  # whoever read is gone
        if kind is None and not self._is_begun:
            self._put(b"")  # a file without results, or one whose torn end is to be cut off
        self._output.close(well=kind is None)

    def _put(self, piece: bytes) -> None:
        self._output.write(self.opening() + piece if self._is_empty else piece, self.tail)
        self._is_begun = True
