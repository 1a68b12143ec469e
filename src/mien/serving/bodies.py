"""The bodies of requests, with limits on their size and on the time in which they arrive."""

import time

from starlette.types import Message, Receive

from mien.serving.admission import Admission
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem
from mien.serving.stopping import Stopping


class Body:
    """The body of a request.

    Args:
        receive: Returns its parts.
        most: Bytes, at most.
        limits: On the time between its parts, and on its average rate.
        received: Bytes of all bodies.
        stopping: Ends the wait for parts.

    Attributes:
        size: Bytes that were received.
    """

    def __init__(
        self, receive: Receive, most: int, limits: RequestLimits, received: Admission, stopping: Stopping
    ) -> None:
        self._receive, self._most, self._limits = receive, most, limits
        self._received, self._stopping = received, stopping
        self._began = time.monotonic()
        self._is_complete = False
        self.size = 0

    async def receive(self) -> Message:
        """Return the next part.

        Raises:
            Problem: There are too many bytes in it or in all bodies, the client is too slow, or the server
                stops.
        """
        if self._is_complete:
            return await self._receive()  # waits for the client to leave
        message = await self._next()
        size = len(message.get("body", b""))
        if self.size + size > self._most:
            raise too_large(self._most)
        self._received.hold(size)
        self.size += size
        self._is_complete = not message.get("more_body", False)
        return message

    async def _next(self) -> Message:
        limits = self._limits
        spent = time.monotonic() - self._began
        left = limits.body_seconds + self.size / limits.bytes_per_second - spent
        try:
            return await self._stopping.wait(self._receive(), min(limits.body_seconds, left))
        except TimeoutError as error:
            if self._stopping.is_set:
                raise Problem("stopping", "the server stops; try again later", retry_after=10) from error
            raise Problem(
                "body-timeout",
                f"the body came too slowly: expected a part every {limits.body_seconds:g} seconds, "
                f"and {limits.bytes_per_second:,} bytes per second",
            ) from error


def too_large(most: int) -> Problem:
    """Return the problem of a body with more than `most` bytes."""
    return Problem("too-large", f"the body has more than {most:,} bytes; send fewer or smaller files")
