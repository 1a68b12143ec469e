"""Event files of TensorBoard, written without a thread: a write that fails raises where it is called.

A file has a record for each event, a protocol buffer with checksums. The first one states the version; one
that starts a session makes readers drop what earlier files of the folder have of its step and later ones.
Readers sort files by name, so a name begins with its time.
"""

import itertools
import os
import socket
import time
from pathlib import Path
from typing import Any, Final

VERSION: Final = "brain.Event:2"

_NUMBERS = itertools.count()


class EventFile:
    """A new event file in a folder, which is made if needed.

    Args:
        folder: The folder.
        first: The first step that is written; later ones of earlier files are dropped by readers.

    Raises:
        OSError: It can't be written.
    """

    def __init__(self, folder: Path, first: int | None = None) -> None:
        from tensorboard.compat.proto.event_pb2 import SessionLog
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder.mkdir(parents=True, exist_ok=True)
        name = (
            f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}.{next(_NUMBERS)}"
        )
        self._stream = (folder / name).open("xb", buffering=0)
        self._writer: Any = RecordWriter(self._stream)
        self._event(file_version=VERSION)
        if first is not None:
            self._event(step=first, session_log=SessionLog(status=SessionLog.START))

    def scalar(self, name: str, value: float, step: int) -> None:
        """Write a number."""
        self._value(step, tag=name, simple_value=value)

    def png(self, name: str, content: bytes, step: int) -> None:
        """Write an image, a PNG file."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        image = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=content)
        self._value(step, tag=name, image=image)

    def text(self, name: str, text: str, step: int) -> None:
        """Write a text, shown as it is: indented, as a code block of Markdown."""
        from torch.utils.tensorboard.summary import text as summary_of

        indented = "".join(f"    {line}\n" for line in text.splitlines())
        self._event(step=step, summary=summary_of(name, indented))  # type: ignore[no-untyped-call]

    def hyperparameters(self, parameters: dict[str, Any], metric: str) -> None:
        """Write hyperparameters, for the page that compares runs by a metric."""
        from torch.utils.tensorboard.summary import hparams

        for summary in hparams(parameters, {metric: 0.0}):  # type: ignore[no-untyped-call]
            self._event(summary=summary)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _value(self, step: int, **value: Any) -> None:  # noqa: ANN401 - fields of a protocol buffer
        from tensorboard.compat.proto.summary_pb2 import Summary

        self._event(step=step, summary=Summary(value=[Summary.Value(**value)]))

    def _event(self, **fields: Any) -> None:  # noqa: ANN401 - fields of a protocol buffer
        from tensorboard.compat.proto.event_pb2 import Event

        self._writer.write(Event(wall_time=time.time(), **fields).SerializeToString())
