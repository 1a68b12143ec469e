"""Time spans of the tracked faces of a video: the summary and the timeline are sums over them."""

from typing import Final, NamedTuple

from mien.recognition.face import Face, Result

MAX_STEPS: Final = 5.0
"""A frame represents at most this many usual frame intervals: longer gaps are not counted."""

TRACK_TIMEOUT: Final = 10.0
"""Seconds without a face after which a track has ended."""

DEFAULT_STEP: Final = 0.04
"""Duration of the only frame of a video in seconds."""


class Span(NamedTuple):
    """A face from one result to the next."""

    track: int
    face: Face
    start: float
    """Seconds since the start of the video."""
    seconds: float
    """Duration."""


class Spans:
    """Turns results into spans: a result lasts until the next one, the last for a usual frame interval."""

    def __init__(self) -> None:
        self._last: Result | None = None
        self._step: float | None = None

    def after(self, result: Result) -> list[Span]:
        """Add a frame of a video, and return the spans of the previous one.

        Raises:
            ValueError: The result has no time.
        """
        if result.time is None:
            raise ValueError("a frame of a video needs a time")
        spans: list[Span] = []
        if self._last is not None and self._last.time is not None:
            elapsed = result.time - self._last.time
            usual = elapsed if self._step is None else self._step
            duration = min(elapsed, MAX_STEPS * usual)
            self._step = 0.9 * usual + 0.1 * duration
            spans = _spans(self._last, duration)
        self._last = result
        return spans

    def end(self) -> list[Span]:
        """Return the spans of the last frame."""
        last, self._last = self._last, None
        return [] if last is None else _spans(last, self._step or DEFAULT_STEP)


def _spans(result: Result, seconds: float) -> list[Span]:
    start = result.time or 0.0
    return [Span(face.track, face, start, seconds) for face in result.faces if face.track is not None]
