"""Encodes video files that browsers play: H.264, or VP9 in WebM, with the sound of another file.

Frames keep their times, so that a constant or variable frame rate stays what it is.
"""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mien.files.targets import write_error, writing
from mien.media.origin import MARK
from mien.media.video.checked_file import CheckedFile
from mien.media.video.kinds import Kind, available_encoders
from mien.media.video.sound import Notice, Sound

CLOCK: Final = Fraction(1, 90_000)
"""Unit of the times of frames in seconds: all usual frame rates are multiples of it."""

_log = logging.getLogger("mien")

MIN_STEP: Final = 0.002
"""Shortest expected time between frames, in seconds."""

HD_HEIGHT: Final = 720
"""Rows from which on players expect BT.709; below, BT.601. The files declare theirs, if they can."""

BT709: Final = 1
SMPTE170M: Final = 6
"""BT.601: color space, primaries and transfer function in FFmpeg's numbers."""


class VideoEncoder:
    """Encodes images into a video file.

    Args:
        target: The file; its name need not have the ending of its kind.
        name: The file in error messages.
        kind: How it is encoded.
        size: Width and height of the images in pixels. The sides of the video are even: the last column
            or row is repeated.
        start: Time of the first image, in seconds.
        step: Expected time between images, in seconds.
        sound: A video file whose sound is added; its frames have the times of the images.
        threads: Threads of the encoder; None is one per core.
        notice: Called with a line if the sound can't be read.

    Raises:
        MienError: The file can't be written, or not in this size.
    """

    def __init__(
        self,
        target: Path,
        name: Path,
        kind: Kind,
        size: tuple[int, int],
        *,
        start: float = 0.0,
        step: float = 0.04,
        sound: Path | None = None,
        threads: int | None = None,
        notice: Notice = _log.warning,
    ) -> None:
        rate = Fraction(1 / max(step, MIN_STEP)).limit_denominator(1001)
        self._name, self._size, self._start = name, size, start
        self._clock = 1 / rate if kind.constant else CLOCK
        is_hd = size[1] >= HD_HEIGHT and not kind.constant  # AVI can't declare it
        self._matrix = Colorspace.ITU709 if is_hd else Colorspace.ITU601
        self._durations: deque[int] = deque()
        self._last, self._dropped, self._notice = -1, 0, notice
        self._reformatter = VideoReformatter()
        with writing(name):
            self._target = CheckedFile(target)
        with self._translated_errors():
            self._file = av.open(
                self._target, "w", format=kind.container, container_options=dict(kind.settings),
                io_open=self._target.reopened,
            )  # fmt: skip
            self._file.metadata["comment"] = MARK
            self._stream = self._new_stream(kind, rate)
            self._stream.codec_context.thread_count = threads or 0
            self._sound = (
                None if sound is None else Sound(sound, self._file, kind.copied, kind.sound, start, notice)
            )

    def add(self, image: NDArray[np.uint8], time: float, duration: float) -> None:
        """Encode an image, RGB uint8 (height, width, 3), shown from `time` on for `duration`, in seconds.

        An image whose time the container can't distinguish from the previous one is dropped, and reported
        at the end.
        """
        position = round((time - self._start) / self._clock)
        if position <= self._last:
            self._dropped += 1
            return
        self._last = position
        self._durations.append(max(1, round(duration / self._clock)))
        with self._translated_errors():
            self._encode(self._frame(image, position))
            if self._sound is not None:
                self._sound.advance(time - self._start)

    def finish(self, end: float) -> None:
        """Add the sound until `end`, in seconds, and complete the file."""
        with self._translated_errors():
            self._encode(None)
            if self._sound is not None:
                self._sound.finish(end - self._start)
            self._file.close()
            self._target.close()
        if self._dropped:
            self._notice(
                f"{self._name}: dropped frames: {self._dropped}, since the frame rate varies; "
                "an .mp4 keeps them"
            )

    def abandon(self) -> None:
        """Close the incomplete file after an error."""
        if self._sound is not None:
            self._sound.close()
        with suppress(av.FFmpegError, OSError):  # the same error again
            self._file.close()
            self._target.close()

    def _new_stream(self, kind: Kind, rate: Fraction) -> VideoStream:
        stream = self._file.add_stream(available_encoders(kind)[0], rate=rate, options=dict(kind.options))
        assert isinstance(stream, VideoStream)  # noqa: S101
        stream.width, stream.height = map(_even, self._size)
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = self._clock
        declared = BT709 if self._matrix == Colorspace.ITU709 else SMPTE170M
        context.colorspace = context.color_primaries = context.color_trc = declared
        context.color_range = ColorRange.MPEG
        return stream

    def _encode(self, frame: VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = self._durations.popleft()
            self._file.mux(packet)
        self._target.check()

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Raise errors of FFmpeg as OutputError; an error of the disk is their cause."""
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            raise write_error(self._name, self._target.error or error) from error

    def _frame(self, image: NDArray[np.uint8], position: int) -> VideoFrame:
        rgb = VideoFrame.from_ndarray(_fitted(image, self._size), "rgb24")
        frame = self._reformatter.reformat(
            rgb, format="yuv420p", dst_colorspace=self._matrix, dst_color_range=ColorRange.MPEG, threads=1
        )
        frame.pts, frame.time_base = position, self._clock
        return frame


def _fitted(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the image in the video's size, with even sides."""
    width, height = size
    if image.shape[:2] != (height, width):  # the size of a stream may change
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if width % 2 or height % 2:
        image = np.asarray(
            cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
        )
    return np.ascontiguousarray(image)


def _even(side: int) -> int:
    return side + side % 2
