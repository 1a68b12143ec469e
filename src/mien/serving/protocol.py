"""The HTTP protocol of uvicorn, with limits on connections and on slow clients.

uvicorn waits without limit for the head of a request and for clients that don't read their answer, and
answers invalid HTTP and too many connections with plain text.
"""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import h11
from starlette.datastructures import MutableHeaders
from uvicorn.protocols.http.h11_impl import H11Protocol

from mien.serving.guard import SECURITY_HEADERS
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem

LINGER_SECONDS: Final = 5.0
"""Seconds in which a client that was refused may send the rest of its body, so that it reads the answer."""


class LimitedProtocol(H11Protocol):
    """A connection.

    Args:
        limits: Of connections and of the time of a client.
        given: The arguments of uvicorn's protocol.
    """

    def __init__(self, limits: RequestLimits, *given: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*given, **named)
        self._limits = limits
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the head of a request; close the connection if there are far too many."""
        super().connection_made(transport)
        if len(self.connections) > 2 * self._limits.connections:
            transport.abort()
        else:
            self._set_timer("head", self._limits.head_seconds, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers."""
        for name in list(self._timers):
            self._cancel_timer(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if len(self.connections) > self._limits.connections and self.cycle is None:
            detail = f"there are more than {self._limits.connections:,} connections; try again later"
            self._refuse(Problem("too-many-connections", detail, retry_after=1))
            return
        super().data_received(data)
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            self._cancel_timer("head")
        elif self._waits_for_head():
            self._set_timer("head", self._limits.head_seconds, self._head_is_late)
        else:
            self._cancel_timer("head")

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._set_timer("write", self._limits.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Continue to write."""
        super().resume_writing()
        self._cancel_timer("write")

    def send_400_response(self, msg: str) -> None:
        """Answer invalid HTTP, for which h11 raised an error."""
        error = sys.exc_info()[1]
        is_long = getattr(error, "error_status_hint", 400) == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._refuse(Problem("head-too-large" if is_long else "invalid-http", str(error or msg)))

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of a body that was refused."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._cancel_timer("linger")
            self._set_timer("linger", LINGER_SECONDS, partial(self._end_linger, self.cycle))

    def _end_linger(self, refused: object) -> None:
        """Disconnect a client that still sends the body of a request that was refused."""
        if self.cycle is refused and self.conn.their_state is h11.SEND_BODY:
            self.transport.abort()

    def _should_upgrade(self) -> bool:
        """Whether a request opens a WebSocket; others are answered as HTTP, with a problem."""
        names = {name for name, _ in self.headers}
        is_complete = {b"sec-websocket-key", b"sec-websocket-version"} <= names
        return self.scope["method"] == "GET" and is_complete and super()._should_upgrade()

    def _waits_for_head(self) -> bool:
        """Whether not all of a head has arrived."""
        return self.conn.their_state is h11.IDLE

    def _head_is_late(self) -> None:
        detail = f"expected the head of a request within {self._limits.head_seconds:g} seconds"
        self._refuse(Problem("head-timeout", detail))

    def _refuse(self, problem: Problem) -> None:
        """Answer without the application, and close the connection."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_message(problem))
        self.transport.close()

    def _set_timer(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Call something after a time, unless the timer is set already."""
        if name not in self._timers:
            self._timers[name] = self.loop.call_later(seconds, call)

    def _cancel_timer(self, name: str) -> None:
        if name in self._timers:
            self._timers.pop(name).cancel()


def _message(problem: Problem) -> bytes:
    """Return a problem as HTTP."""
    response = problem.response()
    headers = MutableHeaders(raw=[*response.raw_headers, (b"connection", b"close")])
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    status = HTTPStatus(problem.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
    lines += [name + b": " + value for name, value in headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body)
