"""The table that `mien predict` prints: a line a face, as results come.

In a terminal it has columns, bars and colors (`columns`); everywhere else, as in a pipe, there are plain
fields with tabs between them, the same for any input.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from mien.output.writers.rows import utf8
from mien.output.writers.streams import StreamOutput
from mien.recognition.face import Result, top_two

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from mien.output.writers.terminal_columns import Columns

FIELDS: Final = (
    "source", "time", "face", "label", "confidence", "second", "second_confidence",
    "uncertain", "score", "track",
)  # fmt: skip
"""Where there is no terminal. Of a picture without faces only the first two are filled."""

_BREAKS: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class TableWriter:
    """Prints a line for each face, and one for a picture without.

    Args:
        console: Where to print; standard output unless given.
    """

    def __init__(self, console: "Console | None" = None) -> None:
        from rich.console import Console  # slow to import

        self._console = console or Console()
        self._columns: Columns | None = None
        self._plain = StreamOutput(None)

    def __enter__(self) -> Self:
        if not self._console.is_terminal:
            self._plain.open()
            self._plain.write(_line(FIELDS))
        return self

    def write(self, result: Result) -> None:
        """Print one result."""
        if not self._console.is_terminal:
            self._plain.write(b"".join(map(_line, _rows(result))))
            return
        for line in self._laid_out(result).lines(result):
            self._print(line)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing: each line was printed."""

    def _laid_out(self, result: Result) -> "Columns":
        """The columns, for which the first result decides."""
        if self._columns is None:
            from mien.output.writers.terminal_columns import Columns

            self._columns = Columns(self._console, result)
            self._print(self._columns.header())
        return self._columns

    def _print(self, line: "Text") -> None:
        self._console.print(line, no_wrap=True, overflow="crop", highlight=False)


def _rows(result: Result) -> Iterator[tuple[str, ...]]:
    time = "" if result.time is None else f"{result.time:.3f}"
    head = (utf8(result.source.translate(_BREAKS)), time)
    for number, face in enumerate(result.faces, start=1):
        first, second = top_two(face)
        yield (
            *head, str(number), face.classes[first], f"{face.probabilities[first]:.3f}",
            face.classes[second], f"{face.probabilities[second]:.3f}", str(face.uncertain).lower(),
            f"{face.score:.3f}", "" if face.track is None else str(face.track),
        )  # fmt: skip
    if not result.faces:
        yield (*head, *[""] * (len(FIELDS) - len(head)))


def _line(cells: tuple[str, ...]) -> bytes:
    return "\t".join(cells).encode() + b"\n"
