"""Sends the requests of a client and waits for busy servers: in a thread, or in an event loop."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, closing
from typing import TypeVar

import httpx2

from mien.client.answers import Content
from mien.client.calls import Call
from mien.client.connection import Patience, Target, request_of

T = TypeVar("T")


class Sender:
    """Sends requests. Thread-safe.

    Args:
        target: The server.
        transport: Of httpx; None for the network.
    """

    def __init__(self, target: Target, transport: httpx2.BaseTransport | None) -> None:
        self._target = target
        self._http = httpx2.Client(**target.settings, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call[T]) -> T:
        """Return the value of the answer to a request.

        Raises:
            MienError: The server can't be reached or refuses the request, or its answer is not valid.
        """
        patience = Patience(self._target.patience if call.waits else 0)
        while True:
            content = Content()
            with closing(self.parts(call, content)) as parts:
                for part in parts:
                    content.add(part)
            if (seconds := patience.delay(content.answer)) is None:
                return call.read(content.answer)
            time.sleep(seconds)

    def parts(self, call: Call[T], content: Content) -> Generator[bytes, None, None]:
        """Yield the parts of the answer to a request; put its status and headers into `content`.

        Raises:
            MienError: The server can't be reached.
        """
        with self._target.errors(self._http):
            response = self._http.send(request_of(self._http, call), stream=True)
            try:
                content.begin(response.status_code, response.headers)
                yield from response.iter_bytes()
            finally:
                response.close()


class AsyncSender:
    """Sends requests from an event loop.

    Args:
        target: The server.
        transport: Of httpx; None for the network.
    """

    def __init__(self, target: Target, transport: httpx2.AsyncBaseTransport | None) -> None:
        self._target = target
        self._http = httpx2.AsyncClient(**target.settings, transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def make(self, call: Callable[[], Call[T]]) -> T:
        """Make a request in a thread, since images are read and encoded for it, and send it."""
        return await self.send(await asyncio.to_thread(call))

    async def send(self, call: Call[T]) -> T:
        """Return the value of the answer to a request, which is read in a thread; see `Sender.send`."""
        patience = Patience(self._target.patience if call.waits else 0)
        while True:
            content = Content()
            async with aclosing(self.parts(call, content)) as parts:
                async for part in parts:
                    content.add(part)
            if (seconds := patience.delay(content.answer)) is None:
                return await asyncio.to_thread(call.read, content.answer)
            await asyncio.sleep(seconds)

    async def parts(self, call: Call[T], content: Content) -> AsyncGenerator[bytes, None]:
        """Yield the parts of the answer to a request; see `Sender.parts`."""
        with self._target.errors(self._http):
            response = await self._http.send(request_of(self._http, call), stream=True)
            try:
                content.begin(response.status_code, response.headers)
                async for part in response.aiter_bytes():
                    yield part
            finally:
                await response.aclose()
