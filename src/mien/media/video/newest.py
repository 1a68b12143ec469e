"""The newest frame of a live source: a thread reads all of them, so that none is late."""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Self

from mien.errors import ImageError
from mien.media.video.source import Frame, RawFrame


class NewestFrames:
    """Iterates over the newest frames of a live source until it ends; a context manager.

    A frame that arrives while the consumer is busy replaces the one that waits.

    Args:
        frames: Of an opened source; only the thread uses it until the context is left.
        every: Skip all but each n-th frame of the source.
    """

    def __init__(self, frames: Iterable[RawFrame], every: int = 1) -> None:
        self._frames = frames
        self._every = every
        self._changed = threading.Condition()
        self._waiting: Frame | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="camera", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
        self._thread.join()

    def __iter__(self) -> Iterator[Frame]:
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._ended)
            frame, self._waiting = self._waiting, None
            return frame

    def _read(self) -> None:
        began = time.monotonic()
        try:
            for number, raw in enumerate(self._frames):
                if self._ended:
                    return
                if number % self._every == 0:
                    self._offer(number, time.monotonic() - began, raw)
        finally:
            self._end()

    def _offer(self, number: int, seen: float, raw: RawFrame) -> None:
        try:
            image = raw.rgb()
        except ImageError:  # one frame that can't be converted; the next one may be
            return
        with self._changed:
            self._waiting = Frame(number, seen, image)
            self._changed.notify()

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
