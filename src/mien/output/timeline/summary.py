"""The summary of a video: who was seen for how long, with which expressions. A writer.

`mien.output.timeline.summary_table` prints it.
"""

from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from mien.output.timeline.spans import Span, Spans
from mien.recognition.face import Result

KEPT: Final = 1000
"""Most tracks that are told apart; of more, those seen shortest are summed up as others."""

OVER: Final = 10.0
"""Seconds after which a track that was not seen again is over."""


class Seen:
    """What was seen of one track, or of several.

    Attributes:
        track: Its number; None for several.
        tracks: How many it is about.
        classes: Names of the classes.
        first: Seconds at which it was first seen.
        last: Seconds until which it was last seen.
        seconds: How long it was seen in all; gaps don't count.
        uncertain: Seconds of these in which its label was uncertain.
        labeled: Seconds of these in which each class was its label, (classes,).
        weighed: Probability of each class times seconds, (classes,).
    """

    def __init__(self, classes: tuple[str, ...], first: float, track: int | None = None) -> None:
        self.track, self.classes = track, classes
        self.tracks = 0 if track is None else 1
        self.first = self.last = first
        self.seconds = self.uncertain = 0.0
        self.labeled = np.zeros(len(classes))
        self.weighed = np.zeros(len(classes))

    def add(self, span: Span) -> None:
        """Count a span in."""
        self.last = span.start + span.seconds
        self.seconds += span.seconds
        self.uncertain += span.seconds * span.face.uncertain
        self.labeled[self.classes.index(span.face.label)] += span.seconds
        self.weighed += span.seconds * np.asarray(span.face.probabilities)

    def absorb(self, other: "Seen") -> None:
        """Count in all that was seen of another."""
        self.tracks += other.tracks
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.seconds += other.seconds
        self.uncertain += other.uncertain
        self.labeled += other.labeled
        self.weighed += other.weighed

    def share(self, seconds: float) -> float:
        """Return what part of the time in which it was seen `seconds` are, 0 to 1."""
        return seconds / self.seconds if self.seconds else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it: seconds to a hundredth, shares to four digits."""
        return {
            "track": self.track,
            "tracks": self.tracks,
            "first": round(self.first, 2),
            "last": round(self.last, 2),
            "seconds": round(self.seconds, 2),
            "expressions": {
                name: self._part(float(seconds))
                for name, seconds in zip(self.classes, self.labeled, strict=True)
            },
            "uncertain": self._part(self.uncertain),
            "probabilities": {
                name: round(self.share(float(weight)), 5)
                for name, weight in zip(self.classes, self.weighed, strict=True)
            },
        }

    def _part(self, seconds: float) -> dict[str, float]:
        return {"seconds": round(seconds, 2), "share": round(self.share(seconds), 4)}


class Summary:
    """Sums up one video, in memory that doesn't grow with it.

    A frame stands for the time until the next one, its label being the smoothed one.

    Attributes:
        source: Name of the video; empty before the first frame.
        frames: How many were seen.
        first: Time of the first frame in seconds.
        last: Time of the last one.
        others: What was seen of the tracks that are not told apart, if any.
    """

    def __init__(self) -> None:
        self.source = ""
        self.frames = 0
        self.first = self.last = 0.0
        self.others: Seen | None = None
        self._spans = Spans()
        self._rows: dict[int, Seen] = {}

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Take a frame."""
        self._count(self._spans.after(result))
        self.source = result.source
        self.last = result.time or 0.0
        self.first = self.first if self.frames else self.last
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._count(self._spans.end())

    @property
    def tracks(self) -> list[Seen]:
        """The tracks, those seen longest first."""
        return sorted(self._rows.values(), key=lambda row: -row.seconds)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "source": self.source,
            "frames": self.frames,
            "first": round(self.first, 2),
            "last": round(self.last, 2),
            "tracks": [row.to_json() for row in self.tracks],
            "others": None if self.others is None else self.others.to_json(),
        }

    def _count(self, spans: list[Span]) -> None:
        for span in spans:
            row = self._rows.get(span.track) or self._new(span)
            row.add(span)

    def _new(self, span: Span) -> Seen:
        if len(self._rows) >= KEPT:
            self._sum_up_the_shortest(span)
        self._rows[span.track] = Seen(span.face.classes, span.start, span.track)
        return self._rows[span.track]

    def _sum_up_the_shortest(self, span: Span) -> None:
        """Many at once, since sorting for each new face of a crowd would take long."""
        over = [number for number, row in self._rows.items() if span.start - row.last > OVER]
        for number in sorted(over, key=lambda number: self._rows[number].seconds)[: KEPT // 4]:
            row = self._rows.pop(number)
            self.others = self.others or Seen(row.classes, row.first)
            self.others.absorb(row)
