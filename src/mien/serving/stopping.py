"""The end of a server: what waits for clients ends at once, what computes is answered."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Stopping:
    """Whether the server stops. For one event loop.

    Attributes:
        is_set: It does.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._waits: set[asyncio.Timeout] = set()

    def set(self) -> None:
        """End all waits."""
        self.is_set = True
        for wait in self._waits:
            wait.reschedule(asyncio.get_running_loop().time())

    async def wait(self, awaited: Awaitable[T], seconds: float) -> T:
        """Return what a client sends.

        Raises:
            TimeoutError: It was not sent in time, or the server stops.
        """
        async with asyncio.timeout(0 if self.is_set else seconds) as wait:
            self._waits.add(wait)
            try:
                return await awaited
            finally:
                self._waits.discard(wait)

    async def sleep(self, seconds: float) -> bool:
        """Sleep, and return whether the server stops."""
        with suppress(TimeoutError):
            await self.wait(asyncio.Event().wait(), seconds)
        return self.is_set
