"""The number of threads of a computation."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mien.errors import MienError
from mien.limits import MAX_THREADS


def thread_count(threads: int | None) -> int:
    """Return `threads`, or the number of usable cores for None.

    Raises:
        MienError: It is less than one, or too large for the libraries that get it.
    """
    if threads is not None and not 1 <= threads <= MAX_THREADS:
        shown = threads if threads < MAX_THREADS else "more"
        raise MienError(
            f"threads: expected 1 or more, up to {MAX_THREADS}, got {shown}; leave it out to use every core"
        )
    return threads or usable_cores()


def limit_opencv(threads: int | None) -> None:
    """Limit the threads of OpenCV in this process; None leaves them as they are.

    They belong to the whole process, so only a program decides on them, such as the command line.
    """
    if threads is not None:
        import cv2

        cv2.setNumThreads(thread_count(threads))


_limits: Final[list[int]] = []
"""Threads of the calls that limit OpenCV now."""

_lock: Final = threading.Lock()
_before = 0
"""Threads of OpenCV before the first of these calls."""


@contextmanager
def opencv_limited(threads: int | None) -> Iterator[None]:
    """Limit the threads of OpenCV during a call; None leaves them as they are.

    OpenCV has one number of threads for the whole process. It is lowered while such calls run, to the
    smallest of their numbers, and restored when the last one ends.
    """
    if threads is None:
        yield
        return
    limit = thread_count(threads)
    _begin(limit)
    try:
        yield
    finally:
        _end(limit)


def _begin(limit: int) -> None:
    import cv2

    global _before
    with _lock:
        _before = _before if _limits else cv2.getNumThreads()
        _limits.append(limit)
        cv2.setNumThreads(min(_before, *_limits))


def _end(limit: int) -> None:
    import cv2

    with _lock:
        _limits.remove(limit)
        cv2.setNumThreads(min([_before, *_limits]))


def usable_cores() -> int:
    """Return the number of cores this process may use; under taskset that is fewer than the machine has."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
