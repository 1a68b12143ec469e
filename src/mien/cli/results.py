"""All outputs of one command, and what their files already hold."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mien.errors import MienError
from mien.recognition.face import Result

if TYPE_CHECKING:
    from mien.cli.outputs import Target
    from mien.output.writers.base import Writer
    from mien.output.writers.source_names import SourceNames


@dataclass(frozen=True)
class Output:
    """A writer, and what its file held before.

    Attributes:
        writer: Takes results.
        written: Sources that the file already holds, in order, with the number of the last frame of a
            video; None for standard output.
    """

    writer: "Writer"
    written: Mapping[str, int | None] | None = None

    def write(self, result: Result) -> None:
        """Write a result, unless the file already holds it."""
        written = self.written or {}
        last = written.get(result.source)
        is_new_frame = last is not None and result.frame is not None and result.frame > last
        if result.source not in written or is_new_frame:
            self.writer.write(result)

    def needs(self, source: str, *, video: bool) -> bool:
        """Return whether results of a source may be missing; the last video may be incomplete."""
        written = self.written or {}
        return source not in written or (video and source == list(written)[-1])


class Results:
    """All outputs of one command; a context manager.

    Args:
        outputs: At least one.

    Attributes:
        after_write: Called after each result, and when the outputs are closed; None is nothing.
    """

    def __init__(self, outputs: Sequence[Output]) -> None:
        self._outputs = outputs
        self.after_write: Callable[[], None] | None = None
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
        self._call_after_write()

    def write(self, result: Result) -> None:
        """Write a result to each output that doesn't hold it."""
        for output in self._outputs:
            output.write(result)
        self._call_after_write()

    def _call_after_write(self) -> None:
        if self.after_write is not None:
            self.after_write()

    @property
    def needs_images(self) -> bool:
        """Whether an output needs the images of the results."""
        return any(getattr(output.writer, "needs_images", False) for output in self._outputs)

    def need(self, source: str, *, video: bool = False) -> bool:
        """Return whether results of a source may be missing in a file, or there are no files."""
        files = [output for output in self._outputs if output.written is not None]
        return not files or any(output.needs(source, video=video) for output in files)


def open_results(
    targets: "Sequence[Target]",
    classes: tuple[str, ...],
    names: "SourceNames",
    *,
    resume: bool,
    kept: bool = False,
) -> Results:
    """Return the outputs of a command.

    Args:
        targets: Formats, and where they go.
        classes: Names of the classes.
        names: Names of files that are written for sources.
        resume: Continue the files that exist.
        kept: Results so far survive a process that is killed, in all formats.

    Raises:
        MienError: There is no file to resume, or it was not written by mien.
    """
    if resume and not any(target.path for target in targets):
        raise MienError("--resume continues an output file: name it, as in -o results.jsonl")
    return Results([_opened(target, classes, names, resume=resume, kept=kept) for target in targets])


def _opened(
    target: "Target", classes: tuple[str, ...], names: "SourceNames", *, resume: bool, kept: bool
) -> Output:
    from mien.output.writers import open_writer

    if target.path is None:
        return Output(open_writer(target.format, None, classes))
    writer = open_writer(target.format, target.path, classes, resume=resume, kept=kept)
    writer.names = names
    return Output(writer, writer.written)
