"""The frames of a video file, a stream or a webcam, one by one: where a video enters.

OpenCV decodes and rotates frames by the rotation metadata. A file is read frame by frame and none is
dropped; of a live source only the newest frame is returned, since results would otherwise fall behind.
"""

import math
from collections.abc import Callable, Generator, Iterator
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import ImageError
from mien.media.video.capture import VideoInfo, VideoSource, opened
from mien.media.video.newest import NewestFrames

Notice = Callable[[str], None]
"""Takes one line for the user."""

RUN_UP: Final = 1.0
"""Seconds before the start time at which reading begins."""

FOREVER: Final = 1e8
"""No video is so many seconds long (three years)."""

TOLERANCE: Final = 0.02
"""Fraction of frames that may be missing at the end without a notice."""


class Frame(NamedTuple):
    """One frame of a video."""

    number: int
    """Counted from 0; frames that are skipped count."""
    time: float
    """Seconds since the start of the video, or since a live source was opened; always growing."""
    image: NDArray[np.uint8]
    """RGB (height, width, 3), upright."""


def read_frames(
    source: VideoSource, *, every: int = 1, start: float = 0.0, end: float = math.inf, notice: Notice
) -> Generator[Frame, None, None]:
    """Yield the frames of a video; memory doesn't grow with its length.

    Args:
        source: A path, an address (rtsp://, http://…) or the number of a webcam.
        every: Yield each n-th frame only, beginning with the first; a file's others are never converted.
        start: Begin with the first frame at or after this many seconds.
        end: Stop before this many seconds.
        notice: Called for a file that ends early, and for a lost connection.

    Raises:
        ImageError: There is no such file or camera, it is no video, or it has no such frame.
    """
    with opened(source) as (capture, info):
        clip = Clip(capture, info, every, start, end, notice)
        frame = None
        for frame in _live(clip) if info.live else _file(clip):
            yield frame
        if frame is None:
            raise ImageError(_nothing(info, start))


class Clip(NamedTuple):
    """An opened source, and which frames to read."""

    capture: cv2.VideoCapture
    info: VideoInfo
    every: int
    start: float
    end: float
    notice: Notice


def _live(clip: Clip) -> Iterator[Frame]:
    last = 0.0
    with NewestFrames(clip.capture, clip.every) as shots:
        for number, last, image in shots:
            if last >= clip.end:
                return
            if last >= clip.start:
                yield Frame(number, last, _rgb(image))
    clip.notice(f"{clip.info.name}: no more frames after {last:.1f} s; is the connection lost?")


def _file(clip: Clip) -> Iterator[Frame]:
    broken = 0
    for at, (number, time) in enumerate(_grabbed(clip)):
        if at % clip.every == 0:
            read, image = clip.capture.retrieve()
            if read:
                yield Frame(number, time, _rgb(np.asarray(image, np.uint8)))
            broken += not read
    if broken:
        clip.notice(f"{clip.info.name}: {broken} frames are damaged and were left out")


def _grabbed(clip: Clip) -> Iterator[tuple[int, float]]:
    """Decode frames without converting them; yield number and time of those between start and end."""
    clock = Clock(clip.info)
    number = _jump(clip, clock)
    if number is None:
        return
    while clip.capture.grab():
        time = clock(_said(clip.capture), number)
        if time >= clip.end:
            return
        if time >= clip.start:
            yield number, time
        number += 1
    expected = clip.info.frames or 0
    # Many containers only estimate how many frames they have.
    if number < expected * (1 - TOLERANCE) - 2:
        read = f"only {number} of about {expected} frames can be read"
        clip.notice(f"{clip.info.name}: {read}; is it damaged or cut off?")


def _jump(clip: Clip, clock: "Clock") -> int | None:
    """Jump to shortly before the start, and return the number of the next frame; None: it is shorter.

    Not to the start itself: some files can only be entered near where one wants to be.
    """
    if clip.start <= RUN_UP:
        return 0
    clip.capture.set(cv2.CAP_PROP_POS_MSEC, (clip.start - RUN_UP) * 1000)
    if not clip.capture.grab():
        return None
    said = _said(clip.capture)
    if 0 < said <= clip.start:
        number = round(said * clip.info.fps)
        clock(said, number)
        return number + 1
    clip.capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
    return 0


class Clock:
    """The time of each frame of a file: what the file says, unless that can't be.

    Time always grows. A frame whose time is missing, not after the one before it, or after the
    end of the video follows its predecessor by one frame's duration.

    Args:
        info: Of the file.
    """

    def __init__(self, info: VideoInfo) -> None:
        self._step = 1 / info.fps
        self._latest = FOREVER if info.seconds is None else info.seconds + 1
        self._last: float | None = None

    def __call__(self, said: float, number: int) -> float:
        """Return the time of frame `number` in seconds, for which the file says `said`."""
        expected = number * self._step if self._last is None else self._last + self._step
        grows = said >= 0 if self._last is None else said > self._last
        self._last = said if grows and said <= self._latest else expected
        return self._last


def _said(capture: cv2.VideoCapture) -> float:
    """What the file says of the time of the frame that was grabbed, in seconds."""
    return capture.get(cv2.CAP_PROP_POS_MSEC) / 1000


def _rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _nothing(info: VideoInfo, start: float) -> str:
    if start > 0:
        length = "" if info.seconds is None else f"; it is about {info.seconds:.1f} s long"
        return f"{info.name}: no frame at or after {start:g} s{length}"
    return f"{info.name}: a video without a frame that can be read; is it damaged or cut off?"
