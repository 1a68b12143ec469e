"""Live sessions over a WebSocket: frames of a camera in, results out."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from websockets.asyncio import client as async_websocket
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync import client as websocket

from mien.client.answers import Answer, error_of
from mien.client.frames import MAX_MESSAGE, Frames, live_address, options_message
from mien.client.options import headers_of
from mien.errors import ServerError
from mien.media.images.reading import ImageLike
from mien.recognition.face import Result

if TYPE_CHECKING:
    from mien.client.connection import Target

T = TypeVar("T")

OPEN_SECONDS: Final = 10.0


class LiveSession:
    """Recognizes the frames of a camera on a server; `Client.live` returns it, for a `with` block.

    Faces have track numbers, and their probabilities are smoothed over time. `send` and `receive` may be
    called by two threads: the server answers the newest frame, and skips those that waited.

    Args:
        target: The server.
        options: Of the session.
    """

    def __init__(self, target: "Target", options: Mapping[str, Any]) -> None:
        self._target, self._options, self._frames = target, options, Frames()
        self._opened: websocket.ClientConnection | None = None
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with _errors(self._target):
            address = live_address(self._target.address)
            self._opened = self._closing.enter_context(websocket.connect(address, **_settings(self._target)))
            self._opened.send(options_message(self._options))
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session."""
        self._closing.close()

    @property
    def milliseconds(self) -> float | None:
        """From the arrival of the last answered frame at the server to its answer."""
        return self._frames.milliseconds

    def recognize(self, frame: ImageLike, *, bgr: bool = False) -> Result:
        """Send a frame and return its result.

        Args:
            frame: As `Client.recognize` takes an image; pixels are sent as JPEG.
            bgr: The channels of an array are in OpenCV's order.

        Raises:
            ImageError: The frame can't be read.
            ServerError: The server refuses the frame or the options, or the connection failed.
        """
        number = self.send(frame, bgr=bgr)
        while (result := self.receive()).frame != number:
            pass
        return result

    def send(self, frame: ImageLike, *, bgr: bool = False) -> int:
        """Send a frame; return its number, which is `Result.frame` of its result. See `recognize`."""
        message = self._frames.message(frame, bgr=bgr)
        with _errors(self._target):
            _require_open(self._opened).send(message)
        return self._frames.sent()

    def receive(self) -> Result:
        """Wait for the next result; frames that a newer one replaced have none. See `recognize`."""
        with _errors(self._target):
            message = _require_open(self._opened).recv(self._target.timeout)
        return self._frames.result(message)


class AsyncLiveSession:
    """A session as `LiveSession`, with coroutines; `AsyncClient.live` returns it, for an `async with` block.

    Args:
        target: The server.
        options: Of the session.
    """

    def __init__(self, target: "Target", options: Mapping[str, Any]) -> None:
        self._target, self._options, self._frames = target, options, Frames()
        self._opened: async_websocket.ClientConnection | None = None
        self._closing = AsyncExitStack()

    async def __aenter__(self) -> Self:
        with _errors(self._target):
            address = live_address(self._target.address)
            connecting = async_websocket.connect(address, **_settings(self._target))
            self._opened = await self._closing.enter_async_context(connecting)
            await self._opened.send(options_message(self._options))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the session."""
        await self._closing.aclose()

    @property
    def milliseconds(self) -> float | None:
        """From the arrival of the last answered frame at the server to its answer."""
        return self._frames.milliseconds

    async def recognize(self, frame: ImageLike, *, bgr: bool = False) -> Result:
        """Send a frame and return its result; see `LiveSession.recognize`."""
        number = await self.send(frame, bgr=bgr)
        while (result := await self.receive()).frame != number:
            pass
        return result

    async def send(self, frame: ImageLike, *, bgr: bool = False) -> int:
        """Send a frame; return its number; see `LiveSession.send`."""
        message = await asyncio.to_thread(self._frames.message, frame, bgr=bgr)
        with _errors(self._target):
            await _require_open(self._opened).send(message)
        return self._frames.sent()

    async def receive(self) -> Result:
        """Wait for the next result; see `LiveSession.receive`."""
        with _errors(self._target):
            async with asyncio.timeout(self._target.timeout):
                message = await _require_open(self._opened).recv()
        return self._frames.result(message)


def _require_open(opened: T | None) -> T:
    if opened is None:
        raise ServerError("the session is not open; use it in a with block")
    return opened


def _settings(target: "Target") -> dict[str, Any]:
    """Return arguments of the clients of websockets."""
    return {
        "additional_headers": headers_of(target.token),
        "compression": None,
        "max_size": MAX_MESSAGE,
        "open_timeout": min(target.timeout, OPEN_SECONDS),
        "proxy": None if target.is_local else True,
    }


@contextmanager
def _errors(target: "Target") -> Iterator[None]:
    """Raise errors of the connection as one line that names the server."""
    try:
        yield
    except InvalidStatus as error:
        response = error.response
        raise error_of(Answer(response.status_code, response.headers, bytes(response.body or b""))) from error
    except ConnectionClosed as error:
        reason = error.rcvd.reason if error.rcvd is not None else ""
        raise ServerError(f"{target.address}: the live session ended ({reason or 'no reason'})") from error
    except TimeoutError as error:
        raise ServerError(f"{target.address}: no answer within {target.timeout:g} seconds") from error
    except (WebSocketException, OSError) as error:
        raise ServerError(
            f"{target.address}: can't connect ({error}); is mien serve running there?"
        ) from error
