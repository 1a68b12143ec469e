"""Runs the application with uvicorn: `mien serve`."""

import logging
import socket
from collections.abc import Callable, Sequence
from typing import Final

import uvicorn

from mien.errors import MienError
from mien.serving.app import create_app
from mien.serving.options import ServerOptions

STOP_SECONDS: Final = 10
"""Seconds that running requests have at the end."""

MAX_HEAD: Final = 64 << 10
"""Bytes of the head of a request."""


def serve(options: ServerOptions, started: Callable[[str], None] = lambda _: None) -> None:
    """Serve until the process is interrupted or terminated; running requests are answered first.

    Args:
        options: Of the server.
        started: Called with the address of the server, such as "http://127.0.0.1:8000", once it listens.

    Raises:
        MienError: A bundle can't be read, or the address can't be used.
    """
    with _listening(options) as listener:
        app = create_app(options)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=False,
            ws="websockets-sansio", ws_max_size=options.limits.frame_bytes, ws_max_queue=4,
            ws_per_message_deflate=False,  # frames are compressed, and bombs are refused
            limit_concurrency=options.limits.connections, timeout_graceful_shutdown=STOP_SECONDS,
            h11_max_incomplete_event_size=MAX_HEAD, http="h11",
        )  # fmt: skip
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        _Server(config, lambda: started(_address(listener))).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Start listening."""
        await super().startup(None if sockets is None else list(sockets))
        self._tell()


def _listening(options: ServerOptions) -> socket.socket:
    """Return a bound socket; raise MienError where that is impossible."""
    host, port = options.host.strip("[]"), options.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        raise MienError(
            f"can't listen on {host} port {port}: {error}; choose another port=... or host=..."
        ) from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
