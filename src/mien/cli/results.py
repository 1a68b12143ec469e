"""Everything that results of one command are written to, and what is there already."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mien.errors import MienError
from mien.recognition.face import Result

if TYPE_CHECKING:
    from mien.cli.outputs import Target
    from mien.output.writers.base import Writer

Done = dict[str, int | None]
"""Sources that a file holds already, in its order; of videos with the number of the last frame."""


@dataclass(frozen=True)
class Output:
    """A writer, and what was in its file before.

    Attributes:
        writer: Takes results.
        done: Is not written again; None where nobody can know, as of standard output.
    """

    writer: "Writer"
    done: Done | None = None

    def write(self, result: Result) -> None:
        """Write a result, unless it is there already."""
        done = self.done or {}
        last = done.get(result.source)
        is_new_frame = last is not None and result.frame is not None and result.frame > last
        if result.source not in done or is_new_frame:
            self.writer.write(result)

    def lacks(self, source: str, *, video: bool) -> bool:
        """Whether something of a source may be missing; a video that comes last may have been cut short."""
        done = self.done or {}
        return source not in done or (video and source == next(reversed(done)))


class Results:
    """All outputs of one command; a context manager.

    Args:
        outputs: At least one.
    """

    def __init__(self, outputs: Sequence[Output]) -> None:
        self._outputs = outputs
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for output in self._outputs:
                stack.enter_context(output.writer)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, result: Result) -> None:
        """Write a result wherever it is missing."""
        for output in self._outputs:
            output.write(result)

    def lack(self, source: str, *, video: bool = False) -> bool:
        """Whether something of a source may be missing in a file, or there are no files."""
        files = [output for output in self._outputs if output.done is not None]
        return not files or any(output.lacks(source, video=video) for output in files)


def open_results(targets: "Sequence[Target]", classes: tuple[str, ...], *, resume: bool) -> Results:
    """Return the outputs of a command; the table, unless there are others.

    Args:
        targets: Formats, and where they go.
        classes: Names of the expressions.
        resume: Go on with the files that are there.

    Raises:
        MienError: There is no file to go on with, or it is none of mien's.
    """
    from mien.output.writers import open_writer

    if resume and not any(target.path for target in targets):
        raise MienError("--resume goes on with a file: say which, as in --jsonl results.jsonl")
    outputs = [_opened(target, classes, resume=resume) for target in targets]
    return Results(outputs or [Output(open_writer("table", None, classes))])


def _opened(target: "Target", classes: tuple[str, ...], *, resume: bool) -> Output:
    from mien.output.writers import open_writer

    if target.path is None:
        return Output(open_writer(target.kind, None, classes))
    writer = open_writer(target.kind, target.path, classes, resume=resume)
    return Output(writer, writer.written)
