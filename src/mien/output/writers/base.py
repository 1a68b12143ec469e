"""What a writer is: where results go."""

from types import TracebackType
from typing import Protocol, Self

from mien.recognition.face import Result


class Writer(Protocol):
    """Takes results one by one; what was written is valid once it is left, for whatever reason."""

    def __enter__(self) -> Self:
        """Open it."""
        ...

    def write(self, result: Result) -> None:
        """Take one result."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, also after an error or Ctrl-C, so that what was taken is kept."""
        ...
