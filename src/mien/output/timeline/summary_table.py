"""The summary of a video as a table in a terminal."""

from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien.labels import colors_of
from mien.output.timecode import timecode
from mien.output.timeline.summary import TrackSummary, VideoSummary
from mien.percent import percent
from mien.text import counted

MAX_ROWS: Final = 12
"""Tracks in the table; the others are counted below it."""

BAR: Final = 24
"""Maximum width of the bar of all expressions in cells."""

MIN_BAR: Final = 6
"""Minimum width; a narrower bar is omitted."""

EXPRESSIONS: Final = 3
"""Expressions in a row, at most; the most frequent ones."""

TIMES: Final = ("from", "to")
"""Columns that are omitted where even one expression has no room beside them."""


def print_summary(summary: VideoSummary, console: Console) -> None:
    """Print the duration and the expressions of each track.

    Args:
        summary: Of a video that has ended.
        console: Usually standard error.
    """
    tracks = summary.tracks
    if tracks:
        console.print(_fitting_table(tracks[:MAX_ROWS], console))
    console.print(_totals(summary), highlight=False, markup=False, soft_wrap=True)


def _fitting_table(rows: list[TrackSummary], console: Console) -> Table:
    """Return the table with as many expressions as have room, and a bar of the width that they leave."""
    wide = console.options.update(width=1000)

    def free(table: Table) -> int:
        return console.width - console.measure(table, options=wide).maximum

    room = free(_table(rows, 1)) + 1
    if room >= MIN_BAR:
        return _table(rows, min(BAR, room))
    counts = range(EXPRESSIONS, 0, -1)
    narrower = [_table(rows, 0, count) for count in counts]
    narrower += [_table(rows, 0, count, times=False) for count in counts]
    return next((table for table in narrower if free(table) >= 0), narrower[-1])


def _table(rows: list[TrackSummary], bar: int, count: int = EXPRESSIONS, *, times: bool = True) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("face", *(TIMES if times else ()), "duration"):
        table.add_column(name, justify="right", no_wrap=True)
    if bar:
        table.add_column("", no_wrap=True, min_width=bar)
    table.add_column("expressions", no_wrap=True)
    table.add_column("uncertain", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            f"#{row.track}", *([timecode(row.first), timecode(row.last)] if times else []),
            f"{row.seconds:.1f} s", *([_bar(row, bar)] if bar else []), _top_expressions(row, count),
            percent(row.fraction(row.uncertain)),
        )  # fmt: skip
    return table


def _bar(row: TrackSummary, cells: int) -> Text:
    """Return all expressions side by side; rounding their ends together fills the bar."""
    ends = np.rint(np.cumsum(row.labeled) / max(row.seconds, 1e-9) * cells).astype(int)
    widths = np.diff(ends, prepend=0)
    bar = Text()
    for width, color in zip(widths.tolist(), colors_of(row.classes), strict=True):
        bar.append("█" * width, color)
    return bar


def _top_expressions(row: TrackSummary, count: int) -> Text:
    """Return the most frequent expressions as text."""
    colors = colors_of(row.classes)
    text = Text()
    for at in np.argsort(-row.labeled, kind="stable")[:count].tolist():
        fraction = row.fraction(float(row.labeled[at]))
        if round(100 * fraction):
            text.append(f"{', ' if text else ''}").append(row.classes[at], f"bold {colors[at]}")
            text.append(f" {percent(fraction)}")
    return text


def _totals(summary: VideoSummary) -> str:
    more = summary.tracks[MAX_ROWS:]
    count = len(more) + (summary.others.tracks if summary.others else 0)
    seconds = sum(row.seconds for row in more) + (summary.others.seconds if summary.others else 0)
    rest = f"; {counted(count, 'more track')}, {seconds:.1f} s in total" if count else ""
    first, last = timecode(round(summary.first)), timecode(round(summary.last))
    frames = f"{counted(summary.frames, 'frame')} from {first} to {last}"
    found = "" if summary.tracks else "; no faces found"
    return f"{summary.source}: {frames}{found}{rest}"
