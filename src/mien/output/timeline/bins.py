"""Mean probabilities over time in a fixed number of bins, for videos of any length.

The width of the bins doubles when a video exceeds them, so memory is constant.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.output.timeline.spans import TRACK_TIMEOUT, Span

BINS: Final = 600
"""Bins of one track; after the first seconds of a video, between half and all of them are used."""

MIN_WIDTH: Final = 0.01
"""Initial width of a bin in seconds; all bins together are 6 s."""

MAX_TRACKS: Final = 200
"""Tracks that are kept, if they fit into `MAX_BYTES`; of more, the shortest are dropped."""

MIN_TRACKS: Final = 8
"""Tracks that are kept in any case."""

MAX_BYTES: Final = 1 << 26
"""Memory of the sums of all tracks: it grows with the number of classes."""


class Bins:
    """Sums the probabilities of each track in bins of time.

    Attributes:
        width: Of a bin, in seconds.
        start: Seconds at which the first bin begins.
        end: Seconds at which the video ends so far.
        dropped: Number of tracks that were not kept.
    """

    def __init__(self, start: float) -> None:
        self.width = MIN_WIDTH
        self.start = self.end = start
        self.dropped = 0
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._latest: dict[int, float] = {}
        self._ignored: set[int] = set()

    def add(self, span: Span) -> None:
        """Add a span, unless its track began while the largest number of tracks were visible."""
        end = span.start + span.seconds
        self.reach(end)
        if span.track in self._ignored or not self._has_room(span):
            return
        self._latest[span.track] = end
        if span.track not in self._sums:
            self._sums[span.track] = np.zeros((BINS, len(span.face.probabilities) + 1))
        first, overlaps = self._overlaps(span.start - self.start, end - self.start)
        row = np.append(span.face.probabilities, 1.0)
        self._sums[span.track][first : first + len(overlaps)] += overlaps[:, None] * row

    def reach(self, time: float) -> None:
        """Extend the bins to `time` in seconds."""
        self.end = max(self.end, time)
        while self.end - self.start > BINS * self.width:
            self._double()

    def longest(self, count: int) -> list[int]:
        """Return the numbers of the longest tracks, at most `count`, in order of appearance."""
        longest = sorted(self._sums, key=lambda track: -self.seconds(track))[:count]
        return sorted(longest)

    @property
    def tracks(self) -> int:
        """Number of all tracks."""
        return len(self._sums) + self.dropped

    def seconds(self, track: int) -> float:
        """Return the total duration of a track in seconds."""
        return float(self._sums[track][:, -1].sum())

    def means(self, track: int) -> NDArray[np.float64]:
        """Return the mean probabilities of a track (bins, classes); rows without a face are NaN."""
        sums = self._sums[track]
        used = math.ceil((self.end - self.start) / self.width - 1e-9)
        seconds = np.where(sums[:used, -1:] > 0, sums[:used, -1:], np.nan)
        means: NDArray[np.float64] = sums[:used, :-1] / seconds
        return means

    def _overlaps(self, start: float, end: float) -> tuple[int, NDArray[np.float64]]:
        """Return the first bin from `start` to `end`, and the seconds in each bin from it on."""
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

    def _has_room(self, span: Span) -> bool:
        """Return whether the track of a span is kept; ended tracks make room for a new one."""
        most = _most_tracks(len(span.face.probabilities))
        if span.track not in self._sums and len(self._sums) >= most:
            self._drop_short_tracks(span.start, max(1, most // 4))
            if len(self._sums) >= most:
                self._ignored.add(span.track)
                self.dropped += 1
        return span.track not in self._ignored

    def _drop_short_tracks(self, now: float, count: int) -> None:
        """Drop the shortest ended tracks, many at once: sorting for each new track would be slow."""
        ended = [track for track, latest in self._latest.items() if now - latest > TRACK_TIMEOUT]
        for track in sorted(ended, key=self.seconds)[:count]:
            del self._sums[track], self._latest[track]
            self.dropped += 1


def _most_tracks(classes: int) -> int:
    """Return how many tracks are kept at most."""
    return max(MIN_TRACKS, min(MAX_TRACKS, MAX_BYTES // (8 * BINS * (classes + 1))))
