"""How much a server holds at a time: images that are processed or wait, and bytes that were received.

Without these limits, many clients together would fill the memory, each within the limits of a request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mien.serving.problems import Problem

RETRY_SECONDS: Final = 1
"""Seconds after which a refused client may try again."""


class Admission:
    """Counts units of work in progress, and refuses more than a limit. For one event loop, without locks.

    Args:
        most: Units in progress at a time, at most. A request that is alone is admitted with any number, since
            the limits of single requests decide on its size.
        noun: What is counted, in the plural.

    Attributes:
        held: Units in progress.
    """

    def __init__(self, most: int, noun: str) -> None:
        self._most, self._noun = most, noun
        self.held = 0

    def require_room(self) -> None:
        """Raise a Problem if the limit is reached."""
        if self.held >= self._most:
            raise self._full()

    def hold(self, units: int) -> None:
        """Count units until they are released.

        Raises:
            Problem: There would be more than the limit.
        """
        if self.held and self.held + units > self._most:
            raise self._full()
        self.held += units

    def release(self, units: int) -> None:
        """Count units no longer."""
        self.held -= units

    @contextmanager
    def holding(self, units: int) -> Iterator[None]:
        """Count units while a block runs; see `hold`."""
        self.hold(units)
        try:
            yield
        finally:
            self.release(units)

    def _full(self) -> Problem:
        return Problem(
            "queue-full",
            f"{self.held:,} {self._noun} are in progress; try again after the time in Retry-After",
            retry_after=RETRY_SECONDS,
        )
