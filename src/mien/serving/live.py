"""Live recognition over a WebSocket: the client sends frames, and gets the faces of the newest one.

The client sends each frame as a binary message, an encoded image. A text message is a JSON object of options
(`LiveOptions`); new options start new tracks. The answer to a frame is the JSON of a result, where `frame` is
the number of the binary message, from 0, with `milliseconds`, from the arrival of the frame to the answer.
Frames that arrive while another one is processed replace each other, so a slow server skips frames instead
of falling behind. An error is a JSON object of problem details (RFC 9457), and the session goes on.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from mien.detection.selection import Selection
from mien.errors import ImageError, MienError
from mien.media.images.reading import read_image
from mien.media.video.source import Frame
from mien.recognition.components import Components
from mien.recognition.face import Result
from mien.recognition.video import FrameRecognizer, VideoOptions
from mien.serving.catalog import Choice
from mien.serving.options import RequestLimits
from mien.serving.problems import Problem, internal_error, invalid_parts
from mien.serving.service import RecognitionService

_log = logging.getLogger("mien")

SOURCE: Final = "live"
"""Source of the results."""

GOING_AWAY: Final = 1001
"""WebSocket code of a server that ends a session."""

TRY_AGAIN_LATER: Final = 1013
"""WebSocket code of a server that has too many sessions."""


class LiveOptions(BaseModel):
    """Options of a live session; all are optional."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bundle: str | None = None
    detector: str | None = None
    threshold: float | None = Field(default=None, ge=0, le=1)
    smooth: float = Field(default=0.5, ge=0, le=60)
    """Time constant in seconds of the smoothing of probabilities; 0 is off."""
    detect_every: int = Field(default=1, ge=1, le=1000)
    """Run the detector on each n-th processed frame, and track faces in between."""
    min_face: float = Field(default=0, ge=0, le=100_000)
    max_faces: int | None = Field(default=None, ge=1)

    @property
    def choice(self) -> Choice:
        """What the options choose of the server."""
        selection = Selection(min_face=self.min_face, max_faces=self.max_faces)
        return Choice(self.bundle, self.detector, self.threshold, selection)

    @property
    def video(self) -> VideoOptions:
        """How frames are processed."""
        return VideoOptions(detect_every=self.detect_every, smooth=self.smooth)


@dataclass(frozen=True)
class Received:
    """A frame that arrived: its number, the time of its arrival, and the encoded image."""

    number: int
    arrived: float
    content: bytes


class _Rate:
    """Admits frames up to a number in each second.

    Args:
        most: Frames in a second.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._began, self._count = float("-inf"), 0

    def admits(self) -> bool:
        """Count a frame, and return whether it is within the limit."""
        now = time.monotonic()
        if now - self._began >= 1:
            self._began, self._count = now, 0
        self._count += 1
        return self._count <= self._most


class LiveSession:
    """One WebSocket connection.

    Args:
        socket: Accepted.
        service: Recognizes.
        limits: Of the size of frames.
    """

    def __init__(self, socket: WebSocket, service: RecognitionService, limits: RequestLimits) -> None:
        self._socket, self._service, self._limits = socket, service, limits
        self._options = LiveOptions()
        self._components: Components | None = None
        self._recognizer: FrameRecognizer | None = None
        self._began = time.monotonic()
        self._rate = _Rate(limits.frame_rate)
        self._newest: Received | None = None
        self._arrived = asyncio.Event()
        self._count = 0

    async def run(self) -> None:
        """Answer frames until the client leaves."""
        answering = asyncio.create_task(self._answer())
        try:
            await self._receive()
        except WebSocketDisconnect:
            return
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await answering

    async def _receive(self) -> None:
        """Keep the newest frame and the newest options."""
        while (message := await self._message())["type"] != "websocket.disconnect":
            if message.get("text") is not None:
                await self._configure(message["text"])
            elif len(message["bytes"]) > self._limits.frame_bytes:
                detail = f"the frame has more than {self._limits.frame_bytes:,} bytes; send a smaller one"
                await self._send_problem(Problem("too-large", detail))
            elif not self._rate.admits():
                detail = f"more than {self._limits.frame_rate} frames in a second; send fewer"
                await self._send_problem(Problem("too-many-frames", detail))
            else:
                self.keep(message["bytes"])

    async def _message(self) -> Message:
        """Return the next message; end a session that sends none for a long time."""
        try:
            return await asyncio.wait_for(self._socket.receive(), self._limits.live_idle_seconds)
        except TimeoutError:
            await self._socket.close(GOING_AWAY, "no message for a long time")
            return {"type": "websocket.disconnect"}

    def keep(self, content: bytes) -> None:
        """Put a frame in the place of the one that waits."""
        if self._newest is not None:
            self._service.metrics.frames.labels("dropped").inc()
        self._newest = Received(self._count, time.monotonic(), content)
        self._count += 1
        self._arrived.set()

    def take(self) -> Received | None:
        """Return the frame that waits, if there is one, and wait for the next."""
        received, self._newest = self._newest, None
        return received

    async def _configure(self, text: str) -> None:
        try:
            options = LiveOptions.model_validate_json(text)
            components = await self._service.components(options.choice)
        except ValidationError as error:
            parts = invalid_parts(error.errors())
            await self._send_problem(Problem("invalid-request", "the options are not valid", errors=parts))
        except (MienError, Problem) as error:
            await self._send_problem(error)
        else:
            self._options, self._components, self._recognizer = options, components, None

    async def _answer(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            if (received := self.take()) is not None:
                await self._answer_to(received)

    async def _answer_to(self, received: Received) -> None:
        try:
            if self._recognizer is None:
                components = self._components or await self._service.components(self._options.choice)
                self._recognizer = FrameRecognizer(components, self._options.video, SOURCE)
            result = await self._service.run_frame(partial(self._recognize, self._recognizer, received))
        except (MienError, Problem) as error:
            await self._send_problem(error, received.number)
            return
        except Exception as error:  # noqa: BLE001 - the frames behind it are answered
            _log.exception("a frame failed")
            await self._send_problem(internal_error(error), received.number)
            return
        self._service.metrics.frames.labels("processed").inc()
        self._service.metrics.faces.inc(len(result.faces))
        spent = round(1000 * (time.monotonic() - received.arrived), 1)
        await self._send(result.to_dict() | {"milliseconds": spent})

    def _recognize(self, recognizer: FrameRecognizer, received: Received) -> Result:
        image = read_image(received.content)
        return recognizer(Frame(received.number, received.arrived - self._began, image))

    async def _send_problem(self, error: Exception, frame: int | None = None) -> None:
        kind = "unreadable-image" if isinstance(error, ImageError) else "invalid-request"
        problem = error if isinstance(error, Problem) else Problem(kind, str(error))
        await self._send(problem.content() | {"frame": frame})

    async def _send(self, content: object) -> None:
        await self._socket.send_text(json.dumps(content, allow_nan=False))


class LiveSessions:
    """Counts the sessions of a server and ends those beyond the limit.

    Args:
        service: Recognizes.
        limits: Of sessions and frames.
    """

    def __init__(self, service: RecognitionService, limits: RequestLimits) -> None:
        self._service, self._limits = service, limits
        self._open = 0

    async def serve(self, socket: WebSocket) -> None:
        """Answer the frames of a client until it leaves."""
        await socket.accept()
        if self._open >= self._limits.live_sessions:
            await socket.close(TRY_AGAIN_LATER, "too many live sessions; try again later")
            return
        self._open += 1
        self._service.metrics.live.set(self._open)
        try:
            await LiveSession(socket, self._service, self._limits).run()
        finally:
            self._open -= 1
            self._service.metrics.live.set(self._open)
