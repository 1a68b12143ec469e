"""The columns of the table in a terminal, for any width."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from mien.labels import colors_of
from mien.output.timecode import timecode
from mien.percent import percent
from mien.recognition.face import Face, Result, top_two
from mien.text import visible

GAP: Final = "  "
BLOCKS: Final = " ▏▎▍▌▋▊▉█"
MIN_NAME: Final = 18
"""Minimum width of the file names; in narrower terminals other columns are omitted. In cells."""

MAX_LABEL: Final = 16
BAR: Final = 10
"""Width of a probability bar in cells."""
NUMBER: Final = 5
"""Width of a percentage in cells, as in "100 %"."""


class TerminalColumns:
    """Formats results as lines of aligned columns.

    The column of file names is as wide as the first result needs and the terminal allows. A narrow
    terminal omits the detector's score, then the second class, then the bar.

    Args:
        console: A terminal.
        first: The first result.
    """

    def __init__(self, console: Console, first: Result) -> None:
        self._blocks = BLOCKS if (console.encoding or "").lower().startswith("utf") else "#"
        classes = first.faces[0].classes if first.faces else ("surprise",)
        self._label = min(MAX_LABEL, max(map(len, classes))) + 1
        self._face = 5
        widths = {"bar": BAR, "runner_up": self._label + NUMBER, "score": 5}
        free = console.width - self._face - self._label - NUMBER - 3 * len(GAP)
        self._shown: list[str] = []
        for name, width in widths.items():
            if free - width - len(GAP) < MIN_NAME:
                break
            free -= width + len(GAP)
            self._shown.append(name)
        self._name = max(1, min(free, max(40, cell_len(_title(first)) + 8)))

    def header(self) -> Text:
        """Return the titles of the columns."""
        titles = [_left("image", self._name), _right("face", self._face), _left("label", self._label)]
        titles += [_left("", BAR)] if "bar" in self._shown else []
        titles += [_right("", NUMBER)]
        titles += [_left("runner_up", self._label + NUMBER)] if "runner_up" in self._shown else []
        titles += [_right("score", 5)] if "score" in self._shown else []
        return Text(GAP.join(titles).rstrip(), style="bold")

    def lines(self, result: Result) -> Iterator[Text]:
        """Yield a line for each face; one line for an image without faces."""
        name = _tail(_title(result), self._name)
        for number, face in enumerate(result.faces, start=1):
            style = "dim" if number > 1 else ""  # the first line of an image stands out
            yield Text.assemble((name, style), GAP, *self._cells(face, number))
        if not result.faces:
            yield Text.assemble(name, GAP, (_right("-", self._face), "dim"), GAP, ("no face", "dim"))

    def _cells(self, face: Face, number: int) -> Sequence[str | tuple[str, str]]:
        first, second = top_two(face)
        color = colors_of(face.classes)[first]
        label = _short(face.classes[first], self._label - 1) + ("?" if face.uncertain else "")
        position = _right(f"{number}" if face.track is None else f"#{face.track}", self._face)
        cells: list[str | tuple[str, str]] = [position, GAP]
        cells.append((_left(label, self._label), "italic" if face.uncertain else "bold"))
        if "bar" in self._shown:
            cells += [GAP, (self._bar(face.probabilities[first]), color)]
        cells += [GAP, _percent(face.probabilities[first])]
        if "runner_up" in self._shown:
            other = _left(_short(face.classes[second], self._label - 1), self._label)
            cells += [GAP, (other + _percent(face.probabilities[second]), "dim")]
        if "score" in self._shown:
            cells += [GAP, (f"{face.score:5.2f}", "dim")]
        return cells

    def _bar(self, probability: float) -> str:
        steps = len(self._blocks) - 1 or 1
        whole, rest = divmod(round(probability * BAR * steps), steps)
        part = self._blocks[rest] if rest else ""
        return (self._blocks[-1] * whole + part).ljust(BAR)


def _title(result: Result) -> str:
    """Return the source, and the time in a video, with visible control characters."""
    name = result.source if result.time is None else f"{result.source} {timecode(result.time, tenths=True)}"
    return visible(name)


def _tail(text: str, width: int) -> str:
    """Return a text of this width in cells; a long one is cut at the left, to keep the file name."""
    kept = text
    while cell_len(kept) > width - (kept != text):
        kept = kept[max(1, (cell_len(kept) - width) // 2) :]
    return _left(kept if kept == text else f"…{kept}", width)


def _short(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def _left(text: str, width: int) -> str:
    return set_cell_size(text, width)


def _right(text: str, width: int) -> str:
    return text.rjust(width)


def _percent(probability: float) -> str:
    return _right(percent(probability), NUMBER)
