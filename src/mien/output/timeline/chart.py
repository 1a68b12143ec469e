"""The chart of a timeline: one panel per track."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.labels import colors_of
from mien.output.timecode import timecode
from mien.output.timeline.bins import Bins
from mien.output.timeline.chart_canvas import ChartCanvas, Point
from mien.percent import percent
from mien.text import counted, elided, visible

TEXT: Final = "#222222"
GRAY: Final = "#6b6b6b"
LIGHT_GRAY: Final = "#d9d9d9"
OTHERS: Final = "#c4c4c4"
"""Color of the classes that are merged."""
BACKGROUND: Final = "#f4f4f4"
"""Color of a panel where its track has no face."""

TICK_STEPS: Final = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400,
)  # fmt: skip
"""Seconds between two ticks of the time axis."""

WIDTH: Final = 1280
LEFT, RIGHT = 76, 32
TOP, BOTTOM = 76, 52
LEGEND: Final = 26
"""Height of a line of the legend in pixels."""
PANEL, TITLE = 112, 44
"""Height of a panel and of its title in pixels."""
MAX_CLASSES: Final = 11
"""Classes in the chart; of more, the least probable are merged: their colors would repeat."""
MAX_NAME: Final = 28
"""Characters of the name of a class."""
TITLE_SIZE: Final = 18
"""Font size of the title of a panel; the font has no bold weight."""


class Chart:
    """Draws the longest tracks.

    Attributes:
        width: In pixels.
        height: In pixels.
    """

    def __init__(self, source: str, classes: tuple[str, ...], bins: Bins, max_tracks: int) -> None:
        self._source, self._bins = source, bins
        self._tracks = bins.longest(max_tracks)
        self._classes = tuple(elided(visible(name), MAX_NAME) for name in classes)
        self._shown = self._most_probable()
        others = len(classes) - len(self._shown)
        self._names = [
            *(self._classes[label] for label in self._shown),
            *[counted(others, "other")] * (others > 0),
        ]
        self._colors = [*colors_of([classes[label] for label in self._shown]), *[OTHERS] * (others > 0)]
        self._column_width = 8 * max(map(len, ("", *self._names))) + 46
        self._columns = max(1, (WIDTH - LEFT - RIGHT) // self._column_width)
        top = TOP + math.ceil(len(self._names) / self._columns) * LEGEND
        self._tops = [top + TITLE + row * (PANEL + TITLE) for row in range(max(1, len(self._tracks)))]
        self.width = WIDTH
        self.height = self._tops[-1] + PANEL + BOTTOM

    def draw(self, canvas: ChartCanvas) -> None:
        """Draw everything."""
        self._heading(canvas)
        self._legend(canvas)
        for top in self._tops:
            self._panel(canvas, top)
        for track, top in zip(self._tracks, self._tops, strict=False):  # without a track, an empty panel
            self._areas(canvas, track, top)
            self._title(canvas, track, top)
        for top in self._tops:
            self._ticks(canvas, top, labeled=top == self._tops[-1])

    def _heading(self, canvas: ChartCanvas) -> None:
        canvas.text((LEFT, 40), _shortened(self._source), 22, TEXT)
        canvas.text((LEFT, 64), self._subtitle(), 14, GRAY)

    def _legend(self, canvas: ChartCanvas) -> None:
        for index, (name, color) in enumerate(zip(self._names, self._colors, strict=True)):
            row, column = divmod(index, self._columns)
            left, top = LEFT + column * self._column_width, TOP + 9 + row * LEGEND
            canvas.polygon(rectangle(left, top, 13, 13), color)
            canvas.text((left + 19, top + 12), name, 14, TEXT)

    def _subtitle(self) -> str:
        shown, tracks = len(self._tracks), self._bins.tracks
        if not tracks:
            return "no face was found"
        if shown == tracks:
            return "probability of each expression over time, one panel per track"
        return (
            f"probability of each expression over time: the {counted(shown, 'longest track')}; "
            f"{tracks - shown} shorter ones are omitted"
        )

    def _panel(self, canvas: ChartCanvas, top: float) -> None:
        canvas.polygon(rectangle(LEFT, top, WIDTH - LEFT - RIGHT, PANEL), BACKGROUND)
        for probability in (0, 0.5, 1):
            y = top + PANEL * (1 - probability)
            canvas.line((LEFT - 5, y), (LEFT, y), LIGHT_GRAY)
            canvas.text((LEFT - 10, y + 4), percent(probability), 12, GRAY, "r")

    def _title(self, canvas: ChartCanvas, track: int, top: float) -> None:
        name = f"track {track}"
        canvas.text((LEFT, top - 10), name, TITLE_SIZE, TEXT)
        means, seconds = self._bins.means(track), self._bins.seconds(track)
        mean = np.nanmean(means, axis=0)
        text = (
            f"{timecode(seconds, tenths=seconds < 10)} in total, "
            f"highest mean probability: {self._classes[int(mean.argmax())]} {percent(mean.max())}"
        )
        canvas.text((LEFT + canvas.text_width(name, TITLE_SIZE) + 14, top - 10), text, 14, GRAY)

    def _areas(self, canvas: ChartCanvas, track: int, top: float) -> None:
        means = self._means(track)
        for first, last in runs(~np.isnan(means[:, 0])):
            positions, borders = outline(means[first:last], first)
            xs = [self._x(self._bins.start + position * self._bins.width) for position in positions]
            bottom = [(xs[-1], top + PANEL), (xs[0], top + PANEL)]
            # Each area extends to the bottom and is covered by the next ones, so there are no seams.
            for index, color in enumerate(self._colors):
                upper = [(x, top + PANEL * y) for x, y in zip(xs, borders[:, index], strict=True)]
                canvas.polygon(upper + bottom, color)

    def _most_probable(self) -> list[int]:
        """Return the labels that are drawn: all, or those with the highest mean probability in a track."""
        if len(self._classes) <= MAX_CLASSES or not self._tracks:
            return list(range(len(self._classes)))[:MAX_CLASSES]
        means = np.max([np.nanmean(self._bins.means(track), axis=0) for track in self._tracks], axis=0)
        return sorted(int(label) for label in np.argsort(-means, kind="stable")[: MAX_CLASSES - 1])

    def _means(self, track: int) -> NDArray[np.float64]:
        """Return the probabilities that are drawn (bins, names), of which the last may be of all others."""
        means = self._bins.means(track)
        others = np.delete(means, self._shown, axis=1).sum(axis=1, keepdims=True)
        return np.concatenate([means[:, self._shown], others], axis=1)[:, : len(self._names)]

    def _ticks(self, canvas: ChartCanvas, top: float, *, labeled: bool) -> None:
        step = tick_step(self._bins.end - self._bins.start)
        bottom = top + PANEL
        canvas.line((LEFT, bottom), (WIDTH - RIGHT, bottom), GRAY)
        first = math.ceil(self._bins.start / step - 1e-6)
        last = math.floor(self._bins.end / step + 1e-6)
        for number in range(first, last + 1):
            x = self._x(number * step)
            canvas.line((x, bottom), (x, bottom + 6), GRAY)
            if labeled:
                canvas.text((x, bottom + 22), timecode(number * step, tenths=step < 1), 13, TEXT, "m")

    def _x(self, time: float) -> float:
        duration = max(self._bins.end - self._bins.start, 1e-9)
        fraction = min(1.0, (time - self._bins.start) / duration)
        return LEFT + fraction * (WIDTH - LEFT - RIGHT)


def outline(means: NDArray[np.float64], first: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of stacked areas over consecutive bins.

    Args:
        means: Probabilities (bins, classes); rows sum to 1.
        first: Index of the first bin.

    Returns:
        Positions (bins + 2,) in bins: the start, the center of each bin, the end; and the upper border of
        each class there (bins + 2, classes), from 0 at the top to 1 at the bottom.
    """
    positions = np.concatenate([[first], first + np.arange(len(means)) + 0.5, [first + len(means)]])
    borders = np.pad(np.cumsum(means[:, :-1], axis=1), ((0, 0), (1, 0)))
    return positions, np.concatenate([borders[:1], borders, borders[-1:]])


def runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of true values in a mask (n,); the end is exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def tick_step(seconds: float) -> float:
    """Return the seconds between two ticks of an axis of this length, so that there are at most ten."""
    return next((step for step in TICK_STEPS if seconds / step <= 10), TICK_STEPS[-1])


def rectangle(left: float, top: float, width: float, height: float) -> list[Point]:
    """Return the corners of a rectangle."""
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _shortened(name: str, max_length: int = 80) -> str:
    """Return a name that fits into a line; a long one is cut at the left, to keep the file name."""
    return name if len(name) <= max_length else f"…{name[1 - max_length :]}"
