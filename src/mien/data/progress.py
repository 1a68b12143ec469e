"""The progress of reading images, for a caller that shows it.

Data sets are read on behalf of many functions (training, evaluation, export). The observer is therefore set
for a block of code instead of being passed through all of them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

Progress = Callable[[int, int], None]
"""Called with the number of images that are done, and with their total."""


def no_progress(done: int, total: int) -> None:
    """Report nothing."""


_observer: Final[ContextVar[Progress | None]] = ContextVar("reading_progress", default=None)


@contextmanager
def reading_progress(progress: Progress | None) -> Iterator[None]:
    """Call `progress` while the images of data sets are read in this block, by the thread that reads them.

    Args:
        progress: See `Progress`; None reports nothing, whatever an outer block does.
    """
    token = _observer.set(progress)
    try:
        yield
    finally:
        _observer.reset(token)


def report_progress(done: int, total: int) -> None:
    """Report the number of images that are done to the observer, if there is one."""
    progress = _observer.get()
    if progress is not None:
        progress(done, total)
