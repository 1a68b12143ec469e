"""Annotated videos: each frame with its faces drawn in."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mien.drawing import draw_faces
from mien.errors import MienError
from mien.files.targets import require_file
from mien.files.writing import replacing
from mien.media.origin import is_annotated, mark_video
from mien.media.video.encoding import VideoEncoder
from mien.media.video.kinds import kind_of
from mien.media.video.sound import Notice
from mien.recognition.face import Result

DEFAULT_STEP: Final = 0.04
"""Seconds for which the frame of a video of one frame is shown."""

_log = logging.getLogger("mien")


class _Shown(NamedTuple):
    image: NDArray[np.uint8]
    time: float


class VideoWriter:
    """Writes annotated frames to a video file.

    Each frame is shown until the time of the next one, at a constant or variable frame rate. The file
    appears at the end, also after Ctrl-C, then with the frames written so far; without any frame, and
    after a write error, there is no file.

    Args:
        path: .mp4, .m4v, .mov, .mkv (H.264), .webm (VP9) or .avi (MPEG-4).
        origin: Key of its source, from `mien.media.origin.source_key`; stored in MP4 files.
        sound: A video file whose sound is added; the results are those of its frames.
        threads: Threads of the encoder; None is one per core.
        notice: Called with a line if the sound can't be read.

    Raises:
        MienError: The ending is another one, there is no encoder for it, or `path` is not a file that
            can be written.
    """

    def __init__(
        self,
        path: Path,
        origin: str | None = None,
        *,
        sound: Path | None = None,
        threads: int | None = None,
        notice: Notice = _log.warning,
    ) -> None:
        self._kind = kind_of(path)
        self._path, self._origin, self._sound = path, origin, sound
        self._threads, self._notice = threads, notice
        self._encoder: VideoEncoder | None = None
        self._waiting: _Shown | None = None
        self._step = DEFAULT_STEP
        self._error: MienError | None = None
        self._stack = ExitStack()
        require_file(path, stream=False)

    @staticmethod
    def is_own(path: Path) -> bool:
        """Return whether an existing file is an annotated video, which a new one may replace."""
        return is_annotated(path)

    def __enter__(self) -> Self:
        require_file(self._path, stream=False)
        return self

    def write(self, result: Result) -> None:
        """Write one frame.

        Args:
            result: With `time` and `image`.

        Raises:
            MienError: The file can't be written.
        """
        if result.time is None or result.image is None:
            raise ValueError("a video needs results with a time and an image")
        last, self._waiting = self._waiting, _Shown(draw_faces(result.image, result.faces), result.time)
        if last is not None:
            self._step = result.time - last.time
            with self._discarded_on_error():
                self._encode(last)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._error is not None:
            self._stack.__exit__(type(self._error), self._error, None)  # deletes the incomplete file
            return
        with self._stack, self._discarded_on_error():
            if self._waiting is not None:
                self._encode(self._waiting).finish(self._waiting.time + self._step)

    def _encode(self, shown: _Shown) -> VideoEncoder:
        if self._encoder is None:
            self._encoder = self._opened(shown)
        self._encoder.add(shown.image, shown.time, self._step)
        return self._encoder

    def _opened(self, first: _Shown) -> VideoEncoder:
        working = self._stack.enter_context(_replacing_video(self._path, self._origin))
        height, width = first.image.shape[:2]
        return VideoEncoder(
            working, self._path, self._kind, (width, height),
            start=first.time, step=self._step, sound=self._sound, threads=self._threads, notice=self._notice,
        )  # fmt: skip

    @contextmanager
    def _discarded_on_error(self) -> Iterator[None]:
        """Note an error, after which the file is not completed."""
        try:
            yield
        except MienError as error:
            self._error = error
            if self._encoder is not None:
                self._encoder.abandon()
            raise


@contextmanager
def _replacing_video(path: Path, origin: str | None) -> Iterator[Path]:
    """Yield a temporary file that replaces `path` at the end."""
    with replacing(path) as temporary:
        yield temporary
        if origin is not None:
            mark_video(temporary, origin, path.suffix)
