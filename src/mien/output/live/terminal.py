"""Live view of a video in a terminal: one row per face, one bar per class.

If standard output is not a terminal, `LineView` writes one line per second instead.
"""

import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mien.labels import colors_of
from mien.output.timecode import timecode
from mien.output.writers.base import Writer
from mien.percent import percent
from mien.recognition.face import Face, Result
from mien.text import counted

REFRESH_RATE: Final = 12
"""Refreshes per second, at most; more would slow down recognition."""

MIN_BAR, MAX_BAR = 5, 14
"""Width of a bar in characters; a narrow terminal shows blocks of one or two characters instead."""

BLOCKS: Final = " ▁▂▃▄▅▆▇█"

RATE_WINDOW: Final = 30
"""Results over which the frame rate is averaged."""


class View(Writer, Protocol):
    """A writer that displays each result."""

    paced: bool
    """Whether a video file should be shown in real time."""
    ended: bool
    """Whether the user has closed the view."""


class LiveView:
    """Shows the faces of the latest result, with the time and the frame rate above them.

    Args:
        console: A terminal.
        hint: How to end it, for the end of the first line.
    """

    paced = True
    ended = False

    def __init__(self, console: Console, hint: str = "Ctrl-C ends") -> None:
        self._live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._console, self._hint = console, hint
        self._times: deque[float] = deque(maxlen=RATE_WINDOW)
        self._shown = 0.0

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def write(self, result: Result) -> None:
        """Show a result, at most `REFRESH_RATE` times per second."""
        now = time.monotonic()
        self._times.append(now)
        if now - self._shown >= 1 / REFRESH_RATE:
            self._shown = now
            self._live.update(self._rendered(result), refresh=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def _rendered(self, result: Result) -> Group:
        elapsed = self._times[-1] - self._times[0]
        rate = (len(self._times) - 1) / elapsed if elapsed else 0.0
        return Group(heading(result, rate, self._hint), faces_table(by_track(result), self._console.width))


class LineView:
    """Writes one line per second of a video: the time, and the label of each face.

    Args:
        console: Usually standard output.
    """

    paced = False
    ended = False

    def __init__(self, console: Console) -> None:
        self._console = console
        self._second: int | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Write a line if a new second has begun."""
        second = int(result.time or 0.0)
        if second != self._second:
            self._second = second
            faces = "  ".join(
                f"#{face.track} {label_text(face)} {percent(face.confidence)}" for face in by_track(result)
            )
            line = f"{timecode(second)}  {faces or 'no face'}"
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing: each line is complete."""


def heading(result: Result, rate: float, hint: str) -> Text:
    """Return the line above the faces; a narrow terminal cuts its end."""
    count = len(result.faces)
    faces = counted(count, "face") if count else "no faces"
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(timecode(result.time or 0.0, tenths=True), "bold").append(f"  {faces}  {rate:.0f} frames/s  ")
    return text.append(f"{hint}  {result.source}", "dim")


def faces_table(faces: Sequence[Face], width: int) -> RenderableType:
    """Return a table with one row per face.

    Args:
        faces: Of one result.
        width: Width of the terminal in characters.
    """
    if not faces:
        return Text("")
    classes = faces[0].classes
    name = max(map(len, classes)) + 1
    bar = (width - 4 - name - 1 - 6) // len(classes) - 1
    wide = bar >= MIN_BAR
    cell = min(bar, MAX_BAR) if wide else max(1, min(bar, 2))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(width=3, justify="right", no_wrap=True)
    table.add_column(width=name, no_wrap=True)
    table.add_column(width=5, justify="right", no_wrap=True)
    for title, color in zip(classes, colors_of(classes), strict=True):
        table.add_column(Text(title[:cell], color), width=cell, no_wrap=True, overflow="crop")
    for face in faces:
        bars = _bars(face, cell) if wide else _blocks(face, cell)
        table.add_row(f"#{face.track}", _label(face), percent(face.confidence), *bars)
    return table


def label_text(face: Face) -> str:
    """Return the label, with a question mark if it is uncertain."""
    return f"{face.label}?" if face.uncertain else face.label


def by_track(result: Result) -> list[Face]:
    """Return the faces in the order of their tracks, so that each keeps its row."""
    return sorted(result.faces, key=lambda face: face.track or 0)


def _label(face: Face) -> Text:
    color = colors_of(face.classes)[face.classes.index(face.label)]
    return Text(label_text(face), f"italic {color}" if face.uncertain else f"bold {color}")


def _bars(face: Face, width: int) -> list[RenderableType]:
    colors = colors_of(face.classes)
    return [
        Bar(1.0, 0.0, score, width=width, color=color)
        for score, color in zip(face.probabilities, colors, strict=True)
    ]


def _blocks(face: Face, width: int) -> list[RenderableType]:
    colors = colors_of(face.classes)
    return [
        Text(BLOCKS[round(score * (len(BLOCKS) - 1))] * width, color)
        for score, color in zip(face.probabilities, colors, strict=True)
    ]
