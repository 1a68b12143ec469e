"""How long each face of a video was seen: results become spans of time. Pure.

The summary and the timeline are sums over these.
"""

from typing import Final, NamedTuple

from mien.recognition.face import Face, Result

STALL: Final = 5.0
"""A pause of more than so many usual frames is one in which nobody looked."""

FIRST_STEP: Final = 0.04
"""Seconds that the only frame of a video stands for."""


class Span(NamedTuple):
    """A face from one look to the next."""

    track: int
    face: Face
    start: float
    """Seconds."""
    seconds: float


class Spans:
    """Turns results into spans: each stands for the time until the next, the last for a usual step."""

    def __init__(self) -> None:
        self._last: Result | None = None
        self._step: float | None = None

    def after(self, result: Result) -> list[Span]:
        """Take a frame of a video, and return the spans of the one before it."""
        if result.time is None:
            raise ValueError("a result without a time is no frame of a video")
        spans: list[Span] = []
        if self._last is not None and self._last.time is not None:
            passed = result.time - self._last.time
            usual = passed if self._step is None else self._step
            lasted = min(passed, STALL * usual)
            self._step = 0.9 * usual + 0.1 * lasted
            spans = _spans(self._last, lasted)
        self._last = result
        return spans

    def end(self) -> list[Span]:
        """Return the spans of the last frame."""
        last, self._last = self._last, None
        return [] if last is None else _spans(last, self._step or FIRST_STEP)


def _spans(result: Result, seconds: float) -> list[Span]:
    start = result.time or 0.0
    return [Span(face.track, face, start, seconds) for face in result.faces if face.track is not None]
