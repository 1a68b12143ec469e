"""The newest frame of what is live: a thread reads all of them, so that none is ever late."""

import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray


class Shot(NamedTuple):
    """A frame as a camera gave it."""

    number: int
    """Counted from 0 over all that the camera gave."""
    time: float
    """Seconds since the camera was first read."""
    image: NDArray[np.uint8]
    """BGR (height, width, 3)."""


class NewestFrames:
    """Iterates over the newest frames of a live source until it ends; a context manager.

    A frame that comes while the reader of this is busy replaces the one that waits.

    Args:
        capture: An opened source; only the thread touches it until the context is left.
        every: Leave out all but each n-th of the frames that the source gives.
    """

    def __init__(self, capture: cv2.VideoCapture, every: int = 1) -> None:
        self._capture = capture
        self._every = every
        self._changed = threading.Condition()
        self._waiting: Shot | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="camera", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._ended = True
        self._thread.join()

    def __iter__(self) -> Iterator[Shot]:
        while (shot := self._next()) is not None:
            yield shot

    def _next(self) -> Shot | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._ended)
            shot, self._waiting = self._waiting, None
            return shot

    def _read(self) -> None:
        number, began = 0, time.monotonic()
        try:
            while not self._ended and self._capture.grab():
                seen = time.monotonic() - began
                if number % self._every == 0:
                    self._offer(number, seen)
                number += 1
        finally:
            self._end()

    def _offer(self, number: int, seen: float) -> None:
        read, image = self._capture.retrieve()
        if read:
            with self._changed:
                self._waiting = Shot(number, seen, np.asarray(image, np.uint8))
                self._changed.notify()

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
