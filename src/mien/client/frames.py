"""Messages of a live session: frames and options out, results in. Nothing is sent here."""

import json
from collections.abc import Mapping
from typing import Any, Final

from mien.client.answers import parsed, problem_error, valid_answer
from mien.files.json_fields import Key, number, read_fields
from mien.media.images.reading import ImageLike, encoded_image
from mien.recognition.face import Result

LIVE_PATH: Final = "/v1/live"

MAX_MESSAGE: Final = 8 << 20
"""Bytes of an answer."""


class Frames:
    """Numbers the frames of a session, and reads its answers.

    Attributes:
        milliseconds: From the arrival of the last answered frame at the server to its answer.
    """

    def __init__(self) -> None:
        self._count = 0
        self.milliseconds: float | None = None

    def message(self, frame: ImageLike, *, bgr: bool) -> bytes:
        """Return a frame as a message; pixels are encoded as JPEG."""
        return encoded_image(frame, bgr=bgr, lossy=True)

    def sent(self) -> int:
        """Count a frame that was sent; return its number, from 0."""
        self._count += 1
        return self._count - 1

    def result(self, message: bytes | str) -> Result:
        """Return the result in an answer.

        Raises:
            ServerError: It is a problem, or not valid.
        """
        content = parsed(message)
        if isinstance(content, dict) and "type" in content and "detail" in content:
            raise problem_error(content)
        with valid_answer():
            self.milliseconds = read_fields(content, _ANSWER, "a result")["milliseconds"]
            return Result.from_dict(content)


def options_message(options: Mapping[str, Any]) -> str:
    """Return options as a message."""
    return json.dumps(dict(options))


def live_address(address: str) -> str:
    """Return the address of live sessions of a server.

    Examples:
        >>> live_address("https://faces.example/mien")
        'wss://faces.example/mien/v1/live'
    """
    return "ws" + address.removeprefix("http") + LIVE_PATH


_ANSWER: Final = {"milliseconds": Key(number(0, 1e9), "a duration")}
