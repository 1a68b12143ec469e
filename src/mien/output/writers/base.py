"""The interface of writers, and the base class of the output formats."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Final, NamedTuple, Protocol, Self

from mien.errors import MienError
from mien.files.identify import BOXES, RESULT_CSV, RESULT_JSON, RESULT_PARQUET, RESULT_TABLE, identify
from mien.files.targets import require_file
from mien.limits import MAX_RECORD_BYTES
from mien.output.writers.source_names import SourceNames
from mien.recognition.face import Result

_RESULTS: Final = (RESULT_CSV, RESULT_JSON, RESULT_PARQUET, RESULT_TABLE)
_RESUMABLE: Final = (None, *_RESULTS, BOXES)
"""Kinds of files that a format may have written; a header that was cut off looks like that of boxes."""


class Writer(Protocol):
    """Receives results, one at a time. A context manager: the output is valid after any exit."""

    def __enter__(self) -> Self:
        """Open the output."""
        ...

    def write(self, result: Result) -> None:
        """Write one result."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the output. After an error or Ctrl-C, the results written so far are kept."""
        ...


class WrittenResult(NamedTuple):
    """A complete result that a file already holds."""

    source: str
    frame: int | None
    classes: tuple[str, ...] | None
    """Names of the classes; None for a result without faces, where the format stores them with the faces."""
    end: int
    """Position after the result: a byte offset in text formats, a row number in Parquet."""


class FormatWriter(ABC):
    """Base class of an output format.

    A format is one class, registered under its name in the entry point group `mien.writers`. A format
    that overrides `read_written` can be resumed. If it is `mergeable`, too, its shards can be merged.

    Args:
        target: A file, or None for standard output.
        classes: Names of the classes, in the order of a face's probabilities.
        resume: Continue after the last complete result of `target`, which need not exist.

    Attributes:
        start: Position in `target` at which writing starts; 0 for a new file.
        names: Names of files that are written for sources; set it before the first result.
        written: The sources that `target` already holds when resuming, in order, with the number of the
            last frame; None for the frame of an image.

    Raises:
        MienError: `target` can't be written; or the file to resume was not written by this format, has
            other classes, or the format can't be resumed.
    """

    title: ClassVar[str] = "this format"
    """Name of the format in messages, such as "JSON lines"."""
    needs_images: ClassVar[bool] = False
    """Whether results must have their images."""
    mergeable: ClassVar[bool] = False
    """Whether shards can be merged: `read_written`, `read_contents` and `write_content` are defined."""
    endings: ClassVar[tuple[str, ...]] = ()
    """File name endings that select the format, in lower case with the dot."""

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        self.target, self.classes = target, classes
        self.start = 0
        self.names = SourceNames()
        self.written: dict[str, int | None] = {}
        if target is not None:
            place = require_file(target)
            if resume and place.is_stream:
                raise MienError(
                    f"{target}: not a regular file, so it can't be resumed; choose another file", path=target
                )
            if resume:
                self._read_target(target)

    def __enter__(self) -> Self:
        """Open the output."""
        return self

    @abstractmethod
    def write(self, result: Result) -> None:
        """Write one result."""

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the output, and keep the results written so far."""

    @classmethod
    def is_own(cls, path: Path) -> bool:
        """Return whether an existing file is a result of mien, which a new one may replace."""
        return identify(path) in _RESULTS

    @classmethod
    def is_resumable(cls) -> bool:
        """Return whether files can be resumed: the format overrides `read_written`."""
        own = cls.__mro__[: cls.__mro__.index(FormatWriter)]
        return any("read_written" in vars(one) for one in own)

    @classmethod
    def read_written(cls, path: Path) -> Iterator[WrittenResult]:
        """Yield the complete results of a file in order; nothing if the file does not exist or is empty.

        A result that was only partly written, as by a killed process, is skipped.

        Raises:
            MienError: The file was not written by this format, or the format can't be resumed.
        """
        raise MienError(f"{path}: {cls.title} can't be resumed; write to a new file", path=path)

    def read_contents(
        self,
        path: Path,
        ends: Sequence[int],
        order: Sequence[int],
    ) -> Iterator[Any]:
        """Yield the contents of results of another file of this format, as `write_content` takes them.

        Args:
            path: The file; its classes are those of this writer.
            ends: Where each of its results ends, as `read_written` returns it.
            order: Numbers of the results to yield, from 0.

        """
        raise NotImplementedError

    def write_content(self, content: Any) -> None:  # noqa: ANN401 - bytes or rows
        """Write a result of another file; see `read_contents`."""
        raise NotImplementedError

    @classmethod
    def kept(cls) -> "type[FormatWriter]":
        """Return the writer of the same format whose results so far survive the end of the process."""
        return cls

    def _read_target(self, path: Path) -> None:
        if identify(path) not in _RESUMABLE:
            raise self.unexpected_content(path)
        try:
            self._read_results(path)
        except OSError as error:
            raise MienError(
                f"{path}: can't be read to resume it ({error.strerror or error}); choose another file",
                path=path,
            ) from error

    def _read_results(self, path: Path) -> None:
        for result in self.read_written(path):
            if result.classes not in (None, self.classes):
                raise MienError(
                    f"{path}: has the classes {', '.join(result.classes or ())}, but the bundle has "
                    f"{', '.join(self.classes)}; choose another file, or the bundle that wrote this one",
                    path=path, expected=", ".join(self.classes),
                )  # fmt: skip
            self.written[result.source], self.start = result.frame, result.end

    @classmethod
    def lines_of(cls, stream: IO[bytes], path: Path) -> Iterator[bytes]:
        """Yield the lines of a file to resume.

        Raises:
            MienError: One is longer than any result.
        """
        number = 1
        while line := stream.readline(MAX_RECORD_BYTES + 1):
            if len(line) > MAX_RECORD_BYTES:
                raise cls.unexpected_content(path, number)
            yield line
            number += 1

    @classmethod
    def other_columns(cls, path: Path) -> MienError:
        """Return the error for a file to resume whose columns are those of another version."""
        return MienError(
            f"{path}: written by another version of mien, with other columns, so it can't be resumed; "
            "choose another file",
            path=path,
        )

    @classmethod
    def unexpected_content(cls, path: Path, line: int | None = None) -> MienError:
        """Return the error for a file to resume that this format did not write."""
        where = "" if line is None else f", line {line}"
        kind = identify(path)
        other = f" (this is {kind.what})" if kind else ""
        return MienError(
            f"{path}{where}: not {cls.title} as mien writes it{other}, so it can't be resumed; "
            "choose another file",
            path=path, row=line,
        )  # fmt: skip
