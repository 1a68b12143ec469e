"""The frames of a video file, a stream or a webcam, one by one: where a video enters.

A file is read frame by frame and none is dropped; of a live source only the newest frame is returned,
since results would otherwise fall behind.
"""

import math
from collections.abc import Callable, Generator, Iterator
from typing import Final, NamedTuple

from mien.errors import ImageError
from mien.media.video.capture import opened
from mien.media.video.newest import NewestFrames
from mien.media.video.source import FOREVER, Frame, OpenVideo, RawFrame, VideoInfo, VideoSource

Notice = Callable[[str], None]
"""Takes one line for the user."""

Watch = Callable[[int], None]
"""Takes the number of a frame that was read."""

RUN_UP: Final = 1.0
"""Seconds before the start time at which reading begins."""

TOLERANCE: Final = 0.02
"""Fraction of frames that may be missing at the end without a notice."""


def read_frames(
    source: VideoSource,
    *,
    every: int = 1,
    start: float = 0.0,
    end: float = math.inf,
    threads: int | None = None,
    notice: Notice,
    watch: Watch | None = None,
) -> Generator[Frame, None, None]:
    """Yield the frames of a video; memory doesn't grow with its length.

    Args:
        source: A path, an address (rtsp://, http://…) or the number of a webcam.
        every: Yield each n-th frame only, beginning with the first; a file's others are never converted.
        start: Begin with the first frame at or after this many seconds.
        end: Stop before this many seconds.
        threads: Threads of the decoder; None is one per core.
        notice: Called for a file that ends early, and for a lost connection.
        watch: Called with the number of each frame of a file, also of those that are skipped; what it raises
            ends the reading.

    Raises:
        ImageError: There is no such file or camera, it is no video, or it has no such frame.
    """
    with opened(source, threads) as video:
        clip = Clip(video, every, start, end, notice, watch)
        frame = None
        for frame in _live(clip) if video.info.live else _file(clip):
            yield frame
        if frame is None:
            raise ImageError(_nothing(video.info, start))


class Clip(NamedTuple):
    """An opened source, and which frames to read."""

    video: OpenVideo
    every: int
    start: float
    end: float
    notice: Notice
    watch: Watch | None = None

    @property
    def info(self) -> VideoInfo:
        """What the source declares."""
        return self.video.info


def _live(clip: Clip) -> Iterator[Frame]:
    last = 0.0
    with NewestFrames(clip.video.frames(), clip.every) as frames:
        for frame in frames:
            last = frame.time
            if last >= clip.end:
                return
            if last >= clip.start:
                yield frame
    clip.notice(f"{clip.info.name}: no more frames after {last:.1f} s; is the connection lost?")


def _file(clip: Clip) -> Iterator[Frame]:
    for at, (number, time, raw) in enumerate(_decoded(clip)):
        if at % clip.every == 0:
            yield Frame(number, time, raw.rgb())
    if clip.video.damaged:
        clip.notice(f"{clip.info.name}: {clip.video.damaged} frames are damaged and were left out")


def _decoded(clip: Clip) -> Iterator[tuple[int, float, RawFrame]]:
    """Yield number, time and content of the frames between start and end, not yet converted."""
    clock = Clock(clip.info)
    number = -1
    for number, raw in _numbered(clip):
        if clip.watch is not None:
            clip.watch(number)
        time = clock(raw.time, number)
        if time >= clip.end:
            return
        if time >= clip.start:
            yield number, time, raw
    if number >= 0 and _is_cut_off(clip.info, number + 1, clock):
        read = f"only {number + 1} of about {clip.info.frames} frames can be read"
        clip.notice(f"{clip.info.name}: {read}; is it damaged or cut off?")


def _is_cut_off(info: VideoInfo, frames: int, clock: "Clock") -> bool:
    """Return whether frames are missing at the end; `clock` has seen `frames` of them.

    Many containers only estimate the number of frames, which is wrong at a variable frame rate.
    """
    if info.frames is None or info.seconds is None:
        return False
    is_short = clock.time + 2 * clock.longest < info.seconds * (1 - TOLERANCE)
    return is_short and frames < info.frames * (1 - TOLERANCE) - 2


def _numbered(clip: Clip) -> Iterator[tuple[int, RawFrame]]:
    """Yield frames with their numbers, from a little before the start on."""
    if clip.start <= RUN_UP:
        yield from enumerate(clip.video.frames())
        return
    clip.video.seek(clip.start - RUN_UP)
    frames = clip.video.frames()
    first = next(frames, None)
    if first is None:
        return
    if first.time is not None and 0 < first.time <= clip.start:
        number = round(first.time * clip.info.fps)
        yield number, first
        yield from enumerate(frames, number + 1)
        return
    clip.video.seek(0.0)
    yield from enumerate(clip.video.frames())


class Clock:
    """The time of each frame of a file: what the file declares, unless that is implausible.

    Time always increases. A frame whose time is missing, not after the one before it, or after the
    end of the video follows its predecessor by one frame's duration.

    Args:
        info: Of the file.

    Attributes:
        time: Of the last frame.
        longest: Longest time between two frames.
    """

    def __init__(self, info: VideoInfo) -> None:
        self._step = 1 / info.fps
        self._latest = FOREVER if info.seconds is None else info.seconds + 1
        self._last: float | None = None
        self.time = self.longest = 0.0

    def __call__(self, declared: float | None, number: int) -> float:
        """Return the time of frame `number` in seconds, for which the file declares `declared`."""
        expected = number * self._step if self._last is None else self._last + self._step
        time = math.nan if declared is None else declared
        increases = time >= 0 if self._last is None else time > self._last
        time = time if increases and time <= self._latest else expected
        if self._last is not None:
            self.longest = max(self.longest, time - self._last)
        self._last = self.time = time
        return time


def _nothing(info: VideoInfo, start: float) -> str:
    if start > 0:
        length = "" if info.seconds is None else f"; it is about {info.seconds:.1f} s long"
        return f"{info.name}: no frame at or after {start:g} s{length}"
    return f"{info.name}: a video without a frame that can be read; is it damaged or cut off?"
