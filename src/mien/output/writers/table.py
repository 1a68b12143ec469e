"""The table that `mien predict` prints: one line per face.

A terminal gets aligned columns with bars and colors (`terminal_columns`). Pipes and files get plain
fields separated by tabs.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from mien.output.writers.base import FormatWriter
from mien.output.writers.streams import open_stream
from mien.recognition.face import Result, top_two
from mien.text import utf8

if TYPE_CHECKING:
    from rich.text import Text

    from mien.console import Console
    from mien.output.writers.terminal_columns import TerminalColumns

FIELDS: Final = (
    "source", "time", "face", "label", "confidence", "runner_up", "runner_up_confidence",
    "uncertain", "uncertain_reason", "score", "track",
)  # fmt: skip
"""Fields outside of a terminal. For an image without faces only the first two have values."""

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class TableWriter(FormatWriter):
    """Prints a line for each face, and one for an image without faces.

    Args:
        target: A file, or None for standard output.
        classes: Names of the classes.
        resume: Not supported.
        console: Replaces standard output, for tests.
    """

    title = "table"

    def __init__(
        self,
        target: Path | None = None,
        classes: tuple[str, ...] = (),
        *,
        resume: bool = False,
        console: "Console | None" = None,
    ) -> None:
        from mien.console import Console  # slow to import

        super().__init__(target, classes, resume=resume)
        self._console = console or Console()
        self._columns: TerminalColumns | None = None
        self._is_plain = target is not None or not self._console.is_terminal
        self._plain = open_stream(target)

    def __enter__(self) -> Self:
        if self._is_plain:
            self._plain.open()
            self._plain.write(_encode_line(FIELDS))
        return self

    def write(self, result: Result) -> None:
        """Print one result."""
        if self._is_plain:
            self._plain.write(b"".join(map(_encode_line, _rows(result))))
            return
        for line in self._columns_for(result).lines(result):
            self._print(line)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_plain and not (kind is not None and issubclass(kind, BrokenPipeError)):
            self._plain.close(completed=kind is None)

    def _columns_for(self, first: Result) -> "TerminalColumns":
        """Return the columns, whose widths follow from the first result."""
        if self._columns is None:
            from mien.output.writers.terminal_columns import TerminalColumns

            self._columns = TerminalColumns(self._console, first)
            self._print(self._columns.header())
        return self._columns

    def _print(self, line: "Text") -> None:
        self._console.print(line, no_wrap=True, overflow="crop", highlight=False)


def _rows(result: Result) -> Iterator[tuple[str, ...]]:
    time = "" if result.time is None else f"{result.time:.3f}"
    head = (result.source.translate(_ESCAPES), time)
    for number, face in enumerate(result.faces, start=1):
        first, second = top_two(face)
        yield (
            *head, str(number), face.classes[first], f"{face.probabilities[first]:.3f}",
            face.classes[second], f"{face.probabilities[second]:.3f}", str(face.uncertain).lower(),
            face.uncertain_reason or "", f"{face.score:.3f}", "" if face.track is None else str(face.track),
        )  # fmt: skip
    if not result.faces:
        yield (*head, *[""] * (len(FIELDS) - len(head)))


def _encode_line(cells: tuple[str, ...]) -> bytes:
    return utf8("\t".join(cells)) + b"\n"
