"""Annotated videos: each frame with its faces drawn in."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.drawing import draw_faces
from mien.errors import MienError
from mien.files import replacing
from mien.media.images.quiet import quiet_opencv
from mien.media.origin import mark_video
from mien.media.video.capture import quiet_ffmpeg
from mien.recognition.face import Result

CODECS: Final = {
    ".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "XVID", ".webm": "VP80",
}  # fmt: skip
"""FourCC by file name ending: what OpenCV as built on PyPI can write and read. It lacks H.264."""

PROBE_FRAMES: Final = 10
"""Frames that are held in memory to determine the frame rate before the first is written."""

MIN_RATE: Final = 5.0
"""Lowest frame rate in 1/s; few players support less."""


class VideoWriter:
    """Writes annotated frames to a video file, without sound.

    The file has a constant frame rate, that of the results, and the correct duration: where results
    are missing, as in a slow live stream, the last frame is repeated. The file appears at the end,
    also after Ctrl-C, then with the frames written so far; without any frame there is no file.

    Args:
        path: .mp4, .m4v, .mov or .mkv (MPEG-4), .avi (MPEG-4), .webm (VP8).
        origin: Key of its source, from `mien.media.origin.source_key`; stored in .mp4 files.

    Raises:
        MienError: The ending is another one, or the file can't be written.
    """

    def __init__(self, path: Path, origin: str | None = None) -> None:
        if path.suffix.lower() not in CODECS:
            known = ", ".join(CODECS)
            raise MienError(
                f"{path}: can't write a video with the ending {path.suffix!r}; expected one of {known}",
                path=path, expected=known,
            )  # fmt: skip
        self._path, self._origin = path, origin
        self._first: list[tuple[float, NDArray[np.uint8]]] = []
        self._video: _VideoFile | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Write one frame.

        Args:
            result: With `time` and `image`.
        """
        if result.time is None or result.image is None:
            raise ValueError("a video needs results with a time and an image")
        drawn = draw_faces(result.image, result.faces)
        if self._video is not None:
            self._video.show(result.time, drawn)
            return
        self._first.append((result.time, drawn))
        if len(self._first) == PROBE_FRAMES:
            self._open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if self._video is None and self._first:
                self._open()

    def _open(self) -> None:
        times, images = zip(*self._first, strict=True)
        working = self._stack.enter_context(_replacing_video(self._path, self._origin))
        height, width = images[0].shape[:2]
        self._video = _VideoFile(working, frame_rate(times), (width, height))
        self._stack.callback(self._video.close)
        for time, image in self._first:
            self._video.show(time, image)
        self._first = []


class _VideoFile:
    """A video file of constant frame rate that receives images at arbitrary times."""

    def __init__(self, path: Path, rate: float, size: tuple[int, int]) -> None:
        self._rate, self._size = rate, size
        self._start: float | None = None
        self._written = 0
        self._last: NDArray[np.uint8] | None = None
        codec = cv2.VideoWriter.fourcc(*CODECS[path.suffix.lower()])
        quiet_ffmpeg()
        with quiet_opencv(), _no_stderr():
            self._writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, codec, rate, tuple(map(_even, size)))
        if not self._writer.isOpened():
            raise MienError(
                f"this OpenCV can't write {path.suffix} with {size[0]}x{size[1]} pixels; use another ending"
            )

    def show(self, time: float, image: NDArray[np.uint8]) -> None:
        """Show RGB `image` from `time` on, in seconds; the previous image is repeated until then."""
        self._start = time if self._start is None else self._start
        frame = round((time - self._start) * self._rate)
        while self._last is not None and self._written < frame:
            self._write(self._last)
        self._last = self._to_bgr(image)
        if self._written <= frame:
            self._write(self._last)

    def close(self) -> None:
        """Finish the file."""
        self._writer.release()

    def _write(self, image: NDArray[np.uint8]) -> None:
        self._writer.write(image)
        self._written += 1

    def _to_bgr(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return BGR of the video's size; the sides must be even, so the last row or column is repeated."""
        width, height = self._size
        if image.shape[:2] != (height, width):  # the size of a stream may change
            image = np.asarray(cv2.resize(image, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        return np.asarray(
            cv2.copyMakeBorder(bgr, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
        )


def frame_rate(times: tuple[float, ...]) -> float:
    """Return the frame rate of increasing times, rounded to 0.01/s: MPEG-4 allows no finer rates."""
    if len(times) < 2:
        return MIN_RATE
    return max(MIN_RATE, round(1 / float(np.median(np.diff(times))), 2))


def _even(side: int) -> int:
    return side + side % 2


@contextmanager
def _replacing_video(path: Path, origin: str | None) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` at the end; it has its ending, which FFmpeg requires."""
    with replacing(path) as temporary:
        working = temporary.with_name(temporary.name + path.suffix)
        try:
            yield working
            _check(working, path)
            if origin is not None:
                mark_video(working, origin)
            working.replace(temporary)
        finally:
            working.unlink(missing_ok=True)


def _check(working: Path, path: Path) -> None:
    """Raise MienError if the file is incomplete: OpenCV reports no errors when it can't write."""
    with quiet_opencv():
        capture = cv2.VideoCapture(str(working), cv2.CAP_FFMPEG)
    is_complete = capture.isOpened() and capture.grab()
    capture.release()
    if not is_complete:
        raise MienError(f"{path}: the video is incomplete; is the disk full?")


@contextmanager
def _no_stderr() -> Iterator[None]:
    """Discard stderr of the process: OpenCV warns that VP8 has no tag in WebM, which needs none."""
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
