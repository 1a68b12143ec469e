"""The connection of a client: httpx, its errors in one line, and when a request is sent again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx2

from mien.client.answers import Answer, retry_seconds
from mien.client.calls import Call
from mien.client.options import headers_of
from mien.errors import ServerError
from mien.serving.options import is_loopback

T = TypeVar("T")

BUSY: Final = (429, 503)
"""Status codes of a server that is busy, if they come with `Retry-After`."""

CONNECT_SECONDS: Final = 10.0

IDLE_SECONDS: Final = 3.0
"""Seconds for which idle connections are kept: less than servers do, so none is closed while it is used."""

MIN_PAUSE: Final = 0.1
"""Seconds before a request is sent again, at least."""

MAX_CONNECTIONS: Final = 100


@dataclass(frozen=True)
class Target:
    """A server and how long to wait for it.

    Attributes:
        address: Of the server.
        token: That it requires, or None.
        timeout: Seconds without any progress after which a request fails.
        patience: Seconds for which a busy server is asked again, in all.
    """

    address: str
    token: str | None
    timeout: float
    patience: float

    @property
    def is_local(self) -> bool:
        """Whether it is this machine, which needs no proxy."""
        return is_loopback(urlsplit(self.address).hostname or "")

    @property
    def settings(self) -> dict[str, Any]:
        """Arguments of the clients of httpx."""
        return {
            "base_url": self.address,
            "headers": headers_of(self.token),
            "timeout": httpx2.Timeout(self.timeout, connect=min(self.timeout, CONNECT_SECONDS), pool=None),
            "trust_env": not self.is_local,
            "limits": httpx2.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=IDLE_SECONDS),
        }

    @contextmanager
    def errors(self, http: httpx2.Client | httpx2.AsyncClient) -> Iterator[None]:
        """Turn errors of the connection into one line that names the server.

        Raises:
            ServerError: The connection failed, or the client is closed.
        """
        if http.is_closed:
            raise ServerError("this client is closed; make another one")
        try:
            yield
        except httpx2.TimeoutException as error:
            raise ServerError(f"{self.address}: no answer within {self.timeout:g} seconds") from error
        except httpx2.ConnectError as error:
            raise ServerError(
                f"{self.address}: can't connect ({_reason(error)}); is mien serve running there?"
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise ServerError(f"{self.address}: the connection failed ({_reason(error)})") from error


class Patience:
    """Decides when the requests of one call are sent again.

    Args:
        seconds: That may be waited in all.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def delay(self, answer: Answer) -> float | None:
        """Return the seconds after which a request is sent again; None if its answer is final."""
        wanted = retry_seconds(answer.headers) if answer.status in BUSY else None
        if wanted is None or wanted > self._left:
            return None
        pause = max(wanted, MIN_PAUSE)
        self._left -= pause
        return pause


def request_of(http: httpx2.Client | httpx2.AsyncClient, call: Call[T]) -> httpx2.Request:
    """Return a request of httpx."""
    content: Iterator[bytes] | AsyncIterator[bytes] | None = None
    if call.body is not None:
        content = _in_threads(call.body()) if isinstance(http, httpx2.AsyncClient) else call.body()
    return http.build_request(
        call.method, call.path, params=call.query, content=content, files=call.multipart,
        data=dict(call.fields) or None,
    )  # fmt: skip


async def _in_threads(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield parts that are read in threads, since files are read for them."""
    while part := await asyncio.to_thread(next, parts, b""):
        yield part


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
