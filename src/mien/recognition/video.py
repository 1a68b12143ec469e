"""Recognition in videos: frames in, results out, with track numbers and smoothed probabilities.

    frames -> detect (a thread ahead) -> track -> crop and classify -> smooth over time -> Result

Files and live sources are processed the same way. `mien predict VIDEO`, `mien webcam` and
`Recognizer.stream` call `recognize_video`.
"""

import math
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final, TypeVar

from mien.detection.base import Detection, Framing
from mien.detection.provided.boxes import ProvidedBoxes
from mien.detection.provided.frame_boxes import FrameBoxes
from mien.errors import MienError
from mien.media.video.frames import Notice, Watch, read_frames
from mien.media.video.source import Frame, VideoSource, name_of
from mien.recognition.components import Components
from mien.recognition.detect_and_crop import require_inside
from mien.recognition.face import Face, Result
from mien.recognition.tracking.smoothing import Smoother
from mien.recognition.tracking.tracker import Tracked, Tracker
from mien.runtime.threads import opencv_limited

AHEAD: Final = 2
"""Frames that are read and searched while another is classified; more would delay a live view.

None is with a single thread, so that it rests while the caller computes.
"""

DetectedFrame = tuple[Frame, list[Detection] | None]
"""A frame, and its faces if the detector ran on it."""

T = TypeVar("T")


@dataclass(frozen=True)
class VideoOptions:
    """How a video is processed.

    Attributes:
        every: Process each n-th frame only.
        start: Seconds at which to begin.
        end: Seconds at which to end.
        detect_every: Run the detector when this many frames have passed since its last run (frames
            skipped by `every` count); in between, tracks are extrapolated.
        smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.

    Raises:
        MienError: A value is out of range.
    """

    every: int = 1
    start: float = 0.0
    end: float = math.inf
    detect_every: int = 3
    smooth: float = 0.5

    def __post_init__(self) -> None:
        if min(self.every, self.detect_every) < 1:
            raise MienError(
                f"every {self.every}, detect_every {self.detect_every}: expected 1 or more frames"
            )
        if not 0 <= self.start < self.end:
            raise MienError(f"start {self.start:g} s, end {self.end:g} s: expected 0 <= start < end")
        if not 0 <= self.smooth < math.inf:
            raise MienError(f"smooth {self.smooth:g} s: expected 0 (off) or more seconds")


def recognize_video(
    components: Components,
    source: VideoSource,
    options: VideoOptions | None = None,
    *,
    boxes: FrameBoxes | None = None,
    keep_images: bool = False,
    notice: Notice,
    watch: Watch | None = None,
) -> Generator[Result, None, None]:
    """Yield a result for each frame of a video: its faces with track numbers and smoothed probabilities.

    Memory doesn't grow with the length of the video. Close the iterator to end early.

    Args:
        components: The detector and the classifier.
        source: A path, an address (rtsp://, http://…) or the number of a webcam.
        options: How the video is processed.
        boxes: Boxes of the faces; no detector runs then.
        keep_images: Put the frames into the results.
        notice: Called with a line about each problem on the way, such as a truncated file.
        watch: Called with the number of each frame of a file, also of those that are skipped, in another
            thread; what it raises ends the reading and is raised here.

    Raises:
        ImageError: There is no such video, no frame in it can be read, or a provided box is outside of it.
    """
    chosen = options or VideoOptions()
    frames = read_frames(
        source, every=chosen.every, start=chosen.start, end=chosen.end,
        threads=components.threads, notice=notice, watch=watch,
    )  # fmt: skip
    name = name_of(source)
    last = -1
    results = recognize_frames(components, frames, name, chosen, boxes=boxes, keep_images=keep_images)
    with closing(results):
        for result in results:
            last = last if result.frame is None else result.frame
            yield result
    is_whole = chosen.every == 1 and chosen.end == math.inf
    if boxes is not None and boxes.last is not None and is_whole and boxes.last > last:
        notice(f"{name}: there are boxes of frame {boxes.last}, but the last frame is {last}")


def recognize_frames(
    components: Components,
    frames: Generator[Frame, None, None],
    name: str,
    options: VideoOptions,
    *,
    boxes: FrameBoxes | None = None,
    keep_images: bool = False,
) -> Generator[Result, None, None]:
    """Yield a result for each of `frames`, from any source; `every`, `start` and `end` are ignored.

    Args:
        components: The detector and the classifier.
        frames: With increasing numbers and times.
        name: Source of the results.
        options: `detect_every` and `smooth` are used.
        boxes: Boxes of the faces; no detector runs then.
        keep_images: Put the frames into the results.
    """
    framing = components.detector.framing if boxes is None else ProvidedBoxes.framing
    state = _State(components, options, None if boxes is None else framing)
    found = (
        _detected(frames, components, options.detect_every)
        if boxes is None
        else _provided(frames, boxes, name)
    )
    with closing(_ahead(found, 0 if components.threads == 1 else AHEAD)) as detected:
        for frame, detections in detected:
            faces = state.faces(frame, detections)
            height, width = frame.image.shape[:2]
            image = frame.image if keep_images else None
            yield Result(name, width, height, faces, frame.number, frame.time, image, framing)


class FrameRecognizer:
    """Recognizes one frame after another, for callers that receive frames instead of reading them.

    Not thread-safe: tracks and smoothing depend on the order of the frames.

    Args:
        components: The detector and the classifier.
        options: `detect_every` and `smooth` are used.
        name: Source of the results.
    """

    def __init__(self, components: Components, options: VideoOptions, name: str) -> None:
        self._components, self._name = components, name
        self._state = _State(components, options, None)
        self._schedule = _Schedule(options.detect_every)

    def __call__(self, frame: Frame) -> Result:
        """Return the result of a frame; numbers and times must increase."""
        is_due = self._schedule.is_due(frame.number)
        faces = self._state.faces(frame, _detect(self._components, frame) if is_due else None)
        height, width = frame.image.shape[:2]
        framing = self._components.detector.framing
        return Result(self._name, width, height, faces, frame.number, frame.time, framing=framing)


class _Schedule:
    """The detector runs on the first frame, and then on each that is `every` or more later."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._last: int | None = None

    def is_due(self, number: int) -> bool:
        """Return whether it runs on this frame; each is asked about once."""
        due = self._last is None or number - self._last >= self._every
        self._last = number if due else self._last
        return due


class _State:
    """The tracks of a video and their smoothed probabilities.

    Args:
        components: The detector and the classifier.
        options: How the video is processed.
        framing: That of provided boxes; None if faces are detected.
    """

    def __init__(self, components: Components, options: VideoOptions, framing: Framing | None) -> None:
        self._components, self._framing = components, framing
        self._tracker = Tracker()
        self._smoother = Smoother(options.smooth)

    def faces(self, frame: Frame, detections: list[Detection] | None) -> tuple[Face, ...]:
        """Return the faces of a frame; without detections, at their extrapolated positions."""
        tracked = (
            self._tracker.predict(frame.time)
            if detections is None
            else self._tracker.update(detections, frame.time)
        )
        visible = [one for one in tracked if self._framing is not None or _is_inside(one, frame)]
        found, tracks = [one.detection for one in visible], [one.track for one in visible]
        classifier = self._components.classifier
        with opencv_limited(self._components.threads):
            crops = self._components.crops(frame.image, found, self._framing)
        raw = classifier.probabilities(crops)
        return classifier.faces(found, self._smoother(tracks, raw, frame.time), tracks)


def _is_inside(tracked: Tracked, frame: Frame) -> bool:
    """Whether the center of a face is in the image; an extrapolated one may have left it."""
    left, top, width, height = tracked.detection.box
    rows, columns = frame.image.shape[:2]
    return bool(0 <= left + width / 2 <= columns and 0 <= top + height / 2 <= rows)


def _detected(
    frames: Generator[Frame, None, None], components: Components, detect_every: int
) -> Generator[DetectedFrame, None, None]:
    """Run the detector on the frames where it is due."""
    schedule = _Schedule(detect_every)
    with closing(frames):
        for frame in frames:
            yield frame, _detect(components, frame) if schedule.is_due(frame.number) else None


def _detect(components: Components, frame: Frame) -> list[Detection]:
    with opencv_limited(components.threads):
        return components.detector.detect(frame.image)


def _provided(
    frames: Generator[Frame, None, None], boxes: FrameBoxes, name: str
) -> Generator[DetectedFrame, None, None]:
    """Yield the frames with their provided faces."""
    with closing(frames):
        for frame in frames:
            found = boxes.of(frame.number)
            height, width = frame.image.shape[:2]
            require_inside(found, (width, height), f"{name}, frame {frame.number}")
            yield frame, found


def _ahead(items: Generator[T, None, None], count: int) -> Generator[T, None, None]:
    """Compute the next `count` items in a thread while one is consumed; its errors are raised here."""
    pool = ThreadPoolExecutor(1, "ahead")
    waiting: deque[Future[T | None]] = deque()
    is_interrupted = False
    try:
        while True:
            while len(waiting) <= count:
                waiting.append(pool.submit(next, items, None))
            if (item := waiting.popleft().result()) is None:
                return
            yield item
    except KeyboardInterrupt:
        is_interrupted = True  # the thread may wait for a frame that never comes
        raise
    finally:
        pool.shutdown(wait=not is_interrupted, cancel_futures=True)
        if not is_interrupted:
            items.close()
