"""The summary of a video, for a person to read: a table on a terminal."""

from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien.labels import colors_of
from mien.output.timecode import timecode
from mien.output.timeline.summary import Seen, Summary

SHOWN: Final = 12
"""Most tracks in the table; the others are counted below it."""

BAR: Final = 24
"""Cells of a bar of all expressions where there is room for it."""

LEAST_BAR: Final = 6
"""Cells below which a bar tells nothing and is left out."""


def print_summary(summary: Summary, console: Console) -> None:
    """Print who was seen for how long, with which expressions.

    Args:
        summary: Of a video that has ended.
        console: Where to; usually standard error.
    """
    tracks = summary.tracks
    if tracks:
        console.print(_fitted(tracks[:SHOWN], console))
    console.print(_last_line(summary), highlight=False, markup=False, soft_wrap=True)


def _fitted(rows: list[Seen], console: Console) -> Table:
    """Return the table with a bar as wide as the words leave room for."""
    wide = console.options.update(width=1000)
    free = console.width - console.measure(_table(rows, 1), options=wide).maximum + 1
    return _table(rows, min(BAR, free) if free >= LEAST_BAR else 0)


def _table(rows: list[Seen], bar: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("face", "from", "to", "seen"):
        table.add_column(name, justify="right", no_wrap=True)
    if bar:
        table.add_column("", no_wrap=True, min_width=bar)
    table.add_column("expressions")
    table.add_column("uncertain", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            f"#{row.track}", timecode(row.first), timecode(row.last), f"{row.seconds:.1f} s",
            *([_bar(row, bar)] if bar else []), _names(row), f"{row.share(row.uncertain):.0%}",
        )  # fmt: skip
    return table


def _bar(row: Seen, cells: int) -> Text:
    """All expressions side by side; the ends are rounded together, so that they fill the bar."""
    ends = np.rint(np.cumsum(row.labeled) / max(row.seconds, 1e-9) * cells).astype(int)
    widths = np.diff(ends, prepend=0)
    bar = Text()
    for width, color in zip(widths.tolist(), colors_of(row.classes), strict=True):
        bar.append("█" * width, color)
    return bar


def _names(row: Seen) -> Text:
    """The three most frequent expressions in words."""
    colors = colors_of(row.classes)
    text = Text()
    for at in np.argsort(-row.labeled, kind="stable")[:3].tolist():
        share = row.share(float(row.labeled[at]))
        if round(100 * share):
            text.append(f"{', ' if text else ''}").append(row.classes[at], f"bold {colors[at]}")
            text.append(f" {share:.0%}")
    return text


def _last_line(summary: Summary) -> str:
    more = summary.tracks[SHOWN:]
    count = len(more) + (summary.others.tracks if summary.others else 0)
    seconds = sum(row.seconds for row in more) + (summary.others.seconds if summary.others else 0)
    left_out = (
        f"; {count} more {'face' if count == 1 else 'faces'}, seen {seconds:.1f} s in all" if count else ""
    )
    first, last = timecode(round(summary.first)), timecode(round(summary.last))
    whole = f"{summary.frames} {'frame' if summary.frames == 1 else 'frames'} from {first} to {last}"
    found = "" if summary.tracks else "; no faces found"
    return f"{summary.source}: {whole}{found}{left_out}"
