"""The chart of a timeline: layout and drawing, one panel a face."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.labels import colors_of
from mien.output.timecode import timecode
from mien.output.timeline.bins import Bins
from mien.output.timeline.chart_canvas import Canvas, Point

INK: Final = "#222222"
GRAY: Final = "#6b6b6b"
FAINT: Final = "#d9d9d9"
EMPTY: Final = "#f4f4f4"
"""Behind a panel, and so where a face is not seen."""

STEPS: Final = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400,
)  # fmt: skip
"""Seconds between two marks of the time axis."""

WIDTH: Final = 1280
LEFT, RIGHT = 76, 32
TOP, BOTTOM = 76, 52
LEGEND: Final = 26
"""Height of a line of the legend."""
PANEL, TITLE = 112, 44
"""Height of a panel and of the line above it."""
NAME: Final = 18
"""Size of the name of a face; the font has one weight only."""


class Chart:
    """Draws the tracks that were seen longest.

    Attributes:
        width: In pixels.
        height: In pixels.
    """

    def __init__(self, source: str, classes: tuple[str, ...], bins: Bins, most: int) -> None:
        self._source, self._classes, self._bins = source, classes, bins
        self._tracks = bins.longest(most)
        self._column = 8 * max(map(len, ("", *classes))) + 46
        self._columns = max(1, (WIDTH - LEFT - RIGHT) // self._column)
        top = TOP + math.ceil(len(classes) / self._columns) * LEGEND
        self._tops = [top + TITLE + at * (PANEL + TITLE) for at in range(max(1, len(self._tracks)))]
        self.width = WIDTH
        self.height = self._tops[-1] + PANEL + BOTTOM

    def draw(self, canvas: Canvas) -> None:
        """Draw everything."""
        self._heading(canvas)
        self._legend(canvas)
        for top in self._tops:
            self._panel(canvas, top)
        for track, top in zip(self._tracks, self._tops, strict=False):  # without a track, an empty panel
            self._areas(canvas, track, top)
            self._title(canvas, track, top)
        for top in self._tops:
            self._marks(canvas, top, named=top == self._tops[-1])

    def _heading(self, canvas: Canvas) -> None:
        canvas.text((LEFT, 40), shortened(self._source), 22, INK)
        canvas.text((LEFT, 64), self._remark(), 14, GRAY)

    def _legend(self, canvas: Canvas) -> None:
        for at, (name, color) in enumerate(zip(self._classes, colors_of(self._classes), strict=True)):
            row, column = divmod(at, self._columns)
            left, top = LEFT + column * self._column, TOP + 9 + row * LEGEND
            canvas.polygon(rectangle(left, top, 13, 13), color)
            canvas.text((left + 19, top + 12), name, 14, INK)

    def _remark(self) -> str:
        shown, tracks = len(self._tracks), self._bins.tracks
        if not tracks:
            return "no face was seen"
        if shown == tracks:
            return "probability of each expression over time, face by face"
        return (
            f"probability of each expression over time: the {shown} faces seen longest; "
            f"{tracks - shown} more are left out"
        )

    def _panel(self, canvas: Canvas, top: float) -> None:
        canvas.polygon(rectangle(LEFT, top, WIDTH - LEFT - RIGHT, PANEL), EMPTY)
        for share in (0, 0.5, 1):
            height = top + PANEL * (1 - share)
            canvas.line((LEFT - 5, height), (LEFT, height), FAINT)
            canvas.text((LEFT - 10, height + 4), f"{share:.0%}", 12, GRAY, "r")

    def _title(self, canvas: Canvas, track: int, top: float) -> None:
        name = f"face {track}"
        canvas.text((LEFT, top - 10), name, NAME, INK)
        means, seconds = self._bins.means(track), self._bins.seconds(track)
        mean = np.nanmean(means, axis=0)
        words = (
            f"seen for {timecode(seconds, tenths=seconds < 10)}, "
            f"on average {self._classes[int(mean.argmax())]} {mean.max():.0%}"
        )
        canvas.text((LEFT + canvas.length(name, NAME) + 14, top - 10), words, 14, GRAY)

    def _areas(self, canvas: Canvas, track: int, top: float) -> None:
        means = self._bins.means(track)
        for first, last in runs(~np.isnan(means[:, 0])):
            places, borders = outline(means[first:last], first)
            across = [self._across(self._bins.start + place * self._bins.width) for place in places]
            foot = [(across[-1], top + PANEL), (across[0], top + PANEL)]
            # Each area reaches down to the foot and is covered by those after it: no seams between.
            for at, color in enumerate(colors_of(self._classes)):
                upper = [(x, top + PANEL * share) for x, share in zip(across, borders[:, at], strict=True)]
                canvas.polygon(upper + foot, color)

    def _marks(self, canvas: Canvas, top: float, *, named: bool) -> None:
        length = self._bins.end - self._bins.start
        step = step_of(length)
        foot = top + PANEL
        canvas.line((LEFT, foot), (WIDTH - RIGHT, foot), GRAY)
        for number in range(
            math.ceil(self._bins.start / step - 1e-6), math.floor(self._bins.end / step + 1e-6) + 1
        ):
            across = self._across(number * step)
            canvas.line((across, foot), (across, foot + 6), GRAY)
            if named:
                canvas.text((across, foot + 22), timecode(number * step, tenths=step < 1), 13, INK, "m")

    def _across(self, time: float) -> float:
        length = max(self._bins.end - self._bins.start, 1e-9)
        share = min(1.0, (time - self._bins.start) / length)
        return LEFT + share * (WIDTH - LEFT - RIGHT)


def outline(means: NDArray[np.float64], first: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of stacked areas over bins that follow each other.

    Args:
        means: Probabilities (bins, classes), rows summing to 1.
        first: Position of the first bin.

    Returns:
        OutputPaths (bins + 2,) in bins: the start, the middle of each bin, the end; and the borders of
        the classes there (bins + 2, classes), where each begins: 0 at the top to 1 at the bottom.
    """
    places = np.concatenate([[first], first + np.arange(len(means)) + 0.5, [first + len(means)]])
    borders = np.pad(np.cumsum(means[:, :-1], axis=1), ((0, 0), (1, 0)))
    return places, np.concatenate([borders[:1], borders, borders[-1:]])


def runs(seen: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def step_of(seconds: float) -> float:
    """Return the seconds between two marks, such that there are at most ten."""
    return next((step for step in STEPS if seconds / step <= 10), STEPS[-1])


def rectangle(left: float, top: float, width: float, height: float) -> list[Point]:
    """Return the corners of a rectangle."""
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def shortened(name: str, most: int = 80) -> str:
    """Return a name that fits into a line; of a long one the end tells more."""
    return name if len(name) <= most else f"…{name[1 - most :]}"
