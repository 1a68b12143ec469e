"""A writer that writes a video with the faces drawn into it, as `mien predict VIDEO --draw` does."""

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
"""FourCC by suffix: what the builds of OpenCV on PyPI can write and read; H.264 is not among it."""

LISTEN: Final = 10
"""Frames from whose times the rate is taken before the first is written."""

LEAST_RATE: Final = 5.0
"""Frames a second at least; few players can do with less."""


class VideoWriter:
    """Writes the frames with what was found in them; sound is not carried over.

    The file has a constant rate, that of the results, and the right duration: where results are
    missing the last one stands still, as with `--every` or a live source that was slow. The file
    appears at the end, also after Ctrl-C, then with what there was; without a frame there is none.

    Args:
        path: .mp4, .m4v, .mov or .mkv (MPEG-4), .avi (MPEG-4), .webm (VP8).
        origin: What stands for its source, of `origin.source_key`; an .mp4 can carry it.

    Raises:
        MienError: Another suffix, or the file can't be written.
    """

    def __init__(self, path: Path, origin: str | None = None) -> None:
        if path.suffix.lower() not in CODECS:
            known = ", ".join(CODECS)
            raise MienError(f"{path}: can't write a video of the kind {path.suffix!r}; choose one of {known}")
        self._path, self._origin = path, origin
        self._first: list[tuple[float, NDArray[np.uint8]]] = []
        self._film: _Film | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Take a frame.

        Args:
            result: With `time` and `image`.
        """
        if result.time is None or result.image is None:
            raise ValueError("a result without a time or its image is no frame of a video")
        drawn = draw_faces(result.image, result.faces)
        if self._film is not None:
            self._film.show(result.time, drawn)
            return
        self._first.append((result.time, drawn))
        if len(self._first) == LISTEN:
            self._begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if self._film is None and self._first:
                self._begin()

    def _begin(self) -> None:
        times, images = zip(*self._first, strict=True)
        working = self._stack.enter_context(_becoming(self._path, self._origin))
        height, width = images[0].shape[:2]
        self._film = _Film(working, rate_of(times), (width, height))
        self._stack.callback(self._film.close)
        for time, image in self._first:
            self._film.show(time, image)
        self._first = []


class _Film:
    """A file of constant rate that is shown pictures at arbitrary times."""

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
                f"this OpenCV can't write {path.suffix} of {size[0]}x{size[1]} pixels; choose another suffix"
            )

    def show(self, time: float, image: NDArray[np.uint8]) -> None:
        """Show RGB `image` from `time` on; what was shown before stays until then."""
        self._start = time if self._start is None else self._start
        place = round((time - self._start) * self._rate)
        while self._last is not None and self._written < place:
            self._write(self._last)
        self._last = self._fitting(image)
        if self._written <= place:
            self._write(self._last)

    def close(self) -> None:
        """Write what the file still needs to be one."""
        self._writer.release()

    def _write(self, image: NDArray[np.uint8]) -> None:
        self._writer.write(image)
        self._written += 1

    def _fitting(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return BGR of the film's size; its sides must be even, so the last row or column is doubled."""
        width, height = self._size
        if image.shape[:2] != (height, width):  # a stream may change its size
            image = np.asarray(cv2.resize(image, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        return np.asarray(
            cv2.copyMakeBorder(bgr, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
        )


def rate_of(times: tuple[float, ...]) -> float:
    """Return the frames a second of increasing times, to a hundredth: MPEG-4 takes no finer ones."""
    if len(times) < 2:
        return LEAST_RATE
    return max(LEAST_RATE, round(1 / float(np.median(np.diff(times))), 2))


def _even(side: int) -> int:
    return side + side % 2


@contextmanager
def _becoming(path: Path, origin: str | None) -> Iterator[Path]:
    """Yield a temporary path that keeps the suffix, which FFmpeg goes by; at the end it is `path`."""
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
    """OpenCV doesn't say when it can't write on; the file then lacks what makes it one."""
    with quiet_opencv():
        capture = cv2.VideoCapture(str(working), cv2.CAP_FFMPEG)
    whole = capture.isOpened() and capture.grab()
    capture.release()
    if not whole:
        raise MienError(f"{path}: can't write the video to its end; is the disk full?")


@contextmanager
def _no_stderr() -> Iterator[None]:
    """Send the process's stderr nowhere: OpenCV prints there that VP8 in WebM has no tag (it needs none)."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
