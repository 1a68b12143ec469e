"""Probabilities over time in a fixed number of bins, however long a video is. Pure.

The bins of a video double in width whenever it has outgrown them.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.output.timeline.spans import Span

BINS: Final = 600
"""Bins of one track; between half and all of them are used, but for videos of a few seconds."""

FINEST: Final = 0.01
"""Width of the bins at first, in seconds: 6 s in all."""

KEPT: Final = 200
"""Most tracks that are kept; of more, those seen shortest are left out."""

OVER: Final = 10.0
"""Seconds after which a track that was not seen again is over."""


class Bins:
    """Sums probabilities of tracks in bins of time.

    Attributes:
        width: Of a bin, in seconds.
        start: Seconds at which the first bin begins.
        end: Seconds until which anything was seen.
        left_out: Number of tracks that were not kept.
    """

    def __init__(self, start: float) -> None:
        self.width = FINEST
        self.start = self.end = start
        self.left_out = 0
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._latest: dict[int, float] = {}

    def add(self, span: Span) -> None:
        """Count a span in."""
        end = self._latest[span.track] = span.start + span.seconds
        self.reach(end)
        if span.track not in self._sums:
            self._make_room(span.start)
            self._sums[span.track] = np.zeros((BINS, len(span.face.probabilities) + 1))
        first, shares = self._shares(span.start - self.start, end - self.start)
        row = np.append(span.face.probabilities, 1.0)
        self._sums[span.track][first : first + len(shares)] += shares[:, None] * row

    def reach(self, time: float) -> None:
        """Widen the bins until they reach `time` in seconds."""
        self.end = max(self.end, time)
        while self.end - self.start > BINS * self.width:
            self._double()

    def longest(self, count: int) -> list[int]:
        """Return the numbers of the tracks that were seen longest, at most `count`, as they came."""
        longest = sorted(self._sums, key=lambda track: -self.seconds(track))[:count]
        return sorted(longest)

    @property
    def tracks(self) -> int:
        """How many tracks there were."""
        return len(self._sums) + self.left_out

    def seconds(self, track: int) -> float:
        """Return how long a track was seen."""
        return float(self._sums[track][:, -1].sum())

    def means(self, track: int) -> NDArray[np.float64]:
        """Return its mean probabilities (bins, classes), rows summing to 1; NaN where it was not seen."""
        sums = self._sums[track]
        used = math.ceil((self.end - self.start) / self.width - 1e-9)
        seconds = np.where(sums[:used, -1:] > 0, sums[:used, -1:], np.nan)
        means: NDArray[np.float64] = sums[:used, :-1] / seconds
        return means

    def _shares(self, start: float, end: float) -> tuple[int, NDArray[np.float64]]:
        """Return the first bin from `start` to `end`, and the seconds in it and each that follows."""
        first = int(start / self.width)
        last = max(first + 1, min(BINS, math.ceil(end / self.width)))
        edges = np.clip(np.arange(first, last + 1) * self.width, start, end)
        return first, np.diff(edges)

    def _double(self) -> None:
        self.width *= 2
        for sums in self._sums.values():
            half = BINS // 2
            sums[:half] = sums.reshape(half, 2, -1).sum(axis=1)
            sums[half:] = 0

    def _make_room(self, now: float) -> None:
        """Leave out the shortest quarter of the tracks that are over, once there are too many."""
        if len(self._sums) >= KEPT:
            over = [track for track, latest in self._latest.items() if now - latest > OVER]
            for track in sorted(over, key=self.seconds)[: KEPT // 4]:
                del self._sums[track], self._latest[track]
                self.left_out += 1
