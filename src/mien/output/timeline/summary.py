"""The summary of a video: the duration and the expressions of each track.

`mien.output.timeline.summary_table` prints it.
"""

from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from mien.output.timeline.spans import TRACK_TIMEOUT, Span, Spans
from mien.recognition.face import Result

MAX_TRACKS: Final = 1000
"""Tracks that are listed; of more, the shortest are merged into `others`."""


class TrackSummary:
    """The expressions of one track, or of several merged ones.

    Attributes:
        track: Its number; None for several.
        tracks: Number of tracks.
        classes: Names of the classes.
        first: Time of its first frame in seconds.
        last: Time at which its last frame ends, in seconds.
        seconds: Total duration without gaps.
        uncertain: Seconds with an uncertain label.
        labeled: Seconds with each class as the label, (classes,).
        weighted: Probability of each class times seconds, (classes,).
    """

    def __init__(self, classes: tuple[str, ...], first: float, track: int | None = None) -> None:
        self.track, self.classes = track, classes
        self.tracks = 0 if track is None else 1
        self.first = self.last = first
        self.seconds = self.uncertain = 0.0
        self.labeled = np.zeros(len(classes))
        self.weighted = np.zeros(len(classes))

    def add(self, span: Span) -> None:
        """Add a span."""
        self.last = span.start + span.seconds
        self.seconds += span.seconds
        self.uncertain += span.seconds * span.face.uncertain
        self.labeled[self.classes.index(span.face.label)] += span.seconds
        self.weighted += span.seconds * np.asarray(span.face.probabilities)

    def merge(self, other: "TrackSummary") -> None:
        """Add another summary."""
        self.tracks += other.tracks
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.seconds += other.seconds
        self.uncertain += other.uncertain
        self.labeled += other.labeled
        self.weighted += other.weighted

    def fraction(self, seconds: float) -> float:
        """Return `seconds` as a fraction of the total duration, 0 to 1."""
        return seconds / self.seconds if self.seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return values that JSON can represent: seconds to two decimals, fractions to four."""
        return {
            "track": self.track,
            "tracks": self.tracks,
            "first": round(self.first, 2),
            "last": round(self.last, 2),
            "seconds": round(self.seconds, 2),
            "expressions": {
                name: self._duration(float(seconds))
                for name, seconds in zip(self.classes, self.labeled, strict=True)
            },
            "uncertain": self._duration(self.uncertain),
            "probabilities": {
                name: round(self.fraction(float(weight)), 5)
                for name, weight in zip(self.classes, self.weighted, strict=True)
            },
        }

    def _duration(self, seconds: float) -> dict[str, float]:
        return {"seconds": round(seconds, 2), "share": round(self.fraction(seconds), 4)}


class VideoSummary:
    """A writer that summarizes one video, in constant memory.

    A frame lasts until the next one. Its label is the one after smoothing.

    Attributes:
        source: Name of the video; empty before the first frame.
        frames: Number of frames.
        first: Time of the first frame in seconds.
        last: Time of the last frame in seconds.
        others: The tracks that are not listed, merged; None if there are none.
    """

    def __init__(self) -> None:
        self.source = ""
        self.frames = 0
        self.first = self.last = 0.0
        self.others: TrackSummary | None = None
        self._spans = Spans()
        self._rows: dict[int, TrackSummary] = {}

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Add a frame."""
        self._add(self._spans.after(result))
        self.source = result.source
        self.last = result.time or 0.0
        self.first = self.first if self.frames else self.last
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._add(self._spans.end())

    @property
    def tracks(self) -> list[TrackSummary]:
        """The tracks, the longest first."""
        return sorted(self._rows.values(), key=lambda row: (-round(row.seconds, 3), row.track))

    def to_dict(self) -> dict[str, Any]:
        """Return values that JSON can represent."""
        return {
            "source": self.source,
            "frames": self.frames,
            "first": round(self.first, 2),
            "last": round(self.last, 2),
            "tracks": [row.to_dict() for row in self.tracks],
            "others": None if self.others is None else self.others.to_dict(),
        }

    def _add(self, spans: list[Span]) -> None:
        for span in spans:
            row = self._rows.get(span.track) or self._new(span)
            row.add(span)

    def _new(self, span: Span) -> TrackSummary:
        if len(self._rows) >= MAX_TRACKS:
            self._merge_short_tracks(span)
        self._rows[span.track] = TrackSummary(span.face.classes, span.start, span.track)
        return self._rows[span.track]

    def _merge_short_tracks(self, span: Span) -> None:
        """Merge the shortest ended tracks, many at once: sorting for each new track would be slow."""
        ended = [number for number, row in self._rows.items() if span.start - row.last > TRACK_TIMEOUT]
        for number in sorted(ended, key=lambda number: self._rows[number].seconds)[: MAX_TRACKS // 4]:
            row = self._rows.pop(number)
            self.others = self.others or TrackSummary(row.classes, row.first)
            self.others.merge(row)
