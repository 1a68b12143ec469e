"""Watching a video: frames in, results out, with a number for each person and steady answers.

    frames -> detect (a thread ahead) -> track -> crop and classify -> smooth over time -> Result

Files and live sources go the same way. `mien predict VIDEO`, `mien webcam` and
`Recognizer.stream` call `watch`.
"""

import math
from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from mien.detection.base import Detection, Detector
from mien.errors import MienError
from mien.media.video.capture import VideoSource, name_of
from mien.media.video.frames import Frame, Notice, read_frames
from mien.recognition.face import Face, Result
from mien.recognition.recognizer import Recognizer
from mien.recognition.tracking.smoothing import Smoother
from mien.recognition.tracking.tracker import Tracked, Tracker

AHEAD: Final = 2
"""Frames that are read and searched while another is classified; more would make a live view late."""

Looked = tuple[Frame, list[Detection] | None]
"""A frame, and its faces where it was searched."""

T = TypeVar("T")


@dataclass(frozen=True)
class WatchOptions:
    """What is wanted of a video.

    Attributes:
        every: Look at each n-th frame only.
        start: Seconds at which to begin.
        end: Seconds at which to end.
        detect_every: Search for faces in a frame when this many have passed since the last
            search (those that `every` leaves out count); between, tracks move on by themselves.
        smooth: Time constant of the smoothing in seconds; 0 is off.

    Raises:
        MienError: A value out of range.
    """

    every: int = 1
    start: float = 0.0
    end: float = math.inf
    detect_every: int = 3
    smooth: float = 0.5

    def __post_init__(self) -> None:
        if min(self.every, self.detect_every) < 1:
            raise MienError(
                f"every {self.every}, detect every {self.detect_every}: expected 1 or more frames"
            )
        if not 0 <= self.start < self.end:
            raise MienError(f"from {self.start:g} s to {self.end:g} s: expected 0 <= start < end")
        if not 0 <= self.smooth < math.inf:
            raise MienError(f"smoothing over {self.smooth:g} s: expected 0 (off) or more seconds")


def watch(
    recognizer: Recognizer,
    source: VideoSource,
    options: WatchOptions | None = None,
    *,
    keep_images: bool = False,
    notice: Notice,
) -> Generator[Result, None, None]:
    """Yield a result for each frame of a video: its faces with track numbers and smoothed scores.

    Memory doesn't grow with the length of the video. Close the iterator to end early.

    Args:
        recognizer: What finds and judges faces.
        source: A path, an address (rtsp://, http://…) or the number of a webcam.
        options: What is wanted; everything, unless given.
        keep_images: Put the frames into the results.
        notice: Is told of what goes wrong on the way, such as a file that is cut off.

    Raises:
        ImageError: There is no such video, or no frame in it that can be read.
    """
    chosen = options or WatchOptions()
    frames = read_frames(source, every=chosen.every, start=chosen.start, end=chosen.end, notice=notice)
    return watch_frames(recognizer, frames, name_of(source), chosen, keep_images=keep_images)


def watch_frames(
    recognizer: Recognizer,
    frames: Generator[Frame, None, None],
    name: str,
    options: WatchOptions,
    *,
    keep_images: bool = False,
) -> Generator[Result, None, None]:
    """Yield a result for each of `frames`, wherever they come from; `every`, `start`, `end` are done.

    Args:
        recognizer: What finds and judges faces.
        frames: Numbers and times growing.
        name: Source of the results.
        options: `detect_every` and `smooth` count.
        keep_images: Put the frames into the results.
    """
    viewer = _Viewer(recognizer, options)
    with closing(_ahead(_looked_at(frames, recognizer.detector, options.detect_every))) as looks:
        for frame, detections in looks:
            faces = viewer.faces(frame, detections)
            height, width = frame.image.shape[:2]
            image = frame.image if keep_images else None
            yield Result(name, width, height, faces, frame.number, frame.time, image)


class _Viewer:
    """Remembers who is who and what they looked like."""

    def __init__(self, recognizer: Recognizer, options: WatchOptions) -> None:
        self._recognizer = recognizer
        self._tracker = Tracker()
        self._smoother = Smoother(options.smooth)

    def faces(self, frame: Frame, detections: list[Detection] | None) -> tuple[Face, ...]:
        """Return the faces of a frame; without detections, where they are expected."""
        tracked = (
            self._tracker.expect(frame.time)
            if detections is None
            else self._tracker.look(detections, frame.time)
        )
        visible = [one for one in tracked if _is_inside(one, frame)]
        found = [one.detection for one in visible]
        faces = self._recognizer.judge(found, self._recognizer.crops(frame.image, found))
        raw = np.array([face.probabilities for face in faces]).reshape(
            -1, len(self._recognizer.metadata.classes)
        )
        numbers = [one.track for one in visible]
        smoothed = self._smoother(numbers, raw, frame.time)
        classes, threshold = self._recognizer.classes, self._recognizer.threshold
        return tuple(
            Face.from_probabilities(face.box, face.score, classes, row.tolist(), threshold, number)
            for face, row, number in zip(faces, smoothed, numbers, strict=True)
        )


def _is_inside(tracked: Tracked, frame: Frame) -> bool:
    """Whether the middle of a face is in the picture; a predicted one may have left it."""
    left, top, width, height = tracked.detection.box
    tall, wide = frame.image.shape[:2]
    return bool(0 <= left + width / 2 <= wide and 0 <= top + height / 2 <= tall)


def _looked_at(
    frames: Generator[Frame, None, None], detector: Detector, detect_every: int
) -> Generator[Looked, None, None]:
    """Search the first frame for faces, and then whichever comes `detect_every` or more after."""
    with closing(frames):
        last: int | None = None
        for frame in frames:
            due = last is None or frame.number - last >= detect_every
            last = frame.number if due else last
            yield frame, detector.detect(frame.image) if due else None


def _ahead(items: Generator[T, None, None]) -> Generator[T, None, None]:
    """Let a thread compute the next few items while one is used; its errors come out here."""
    pool = ThreadPoolExecutor(1, "ahead")
    waiting = deque(pool.submit(next, items, None) for _ in range(AHEAD))
    try:
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, items, None))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)
        items.close()
