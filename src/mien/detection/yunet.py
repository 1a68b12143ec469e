"""YuNet: a small network that finds faces of any size, with landmarks (Wu, Peng and Yu 2023).

OpenCV runs it. Its file is part neither of OpenCV nor of mien; `mien.detection.download` gets it.
"""

import math
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.download import fetch_yunet
from mien.detection.landmarks import landmarks_of, tilt_of
from mien.detection.nms import MAX_OVERLAP, overlap, suppress
from mien.detection.options import DetectorOptions
from mien.detection.reliability import ScoreLimits
from mien.detection.rotated_views import part_around, rotated_view
from mien.errors import DetectorError
from mien.media.images.quiet import quiet_opencv

LONGEST: Final = 1280
"""Longer side of the larger view, in pixels: finds faces in group photographs."""

COARSE: Final = 320
"""Longer side of the smaller view, to which a small image is enlarged."""

_MAX_SINGLE: Final = 640
"""Up to this side one view is enough: YuNet misses faces of more than about 500 pixels."""

CLOSE: Final = 160
"""Longer side of the view of a single tilted face and its surroundings."""

ANGLES: Final = (-45.0, 45.0)
"""Degrees of the rotated heads that are searched for when no more upright one is found."""

THRESHOLD: Final = 0.6
"""Score from which a box is a face."""

FRAMING: Final = Framing(scale=1.05, down=0.0)
"""Measured on FER2013 by `benchmarks/framing.py`; see docs/lab-notebook.md, 2026-11-21."""

SCORE_LIMITS: Final = ScoreLimits(low=0.8, clear=0.9)
"""See docs/lab-notebook.md, 2026-11-27."""

_NMS_THRESHOLD: Final = 0.3
_TOP_K: Final = 5000

_GAIN: Final = 1.6
"""YuNet puts the landmarks of tilted faces too upright: they show about 0.6 of a small tilt."""

_CLEAR: Final = 0.9
_UPRIGHT: Final = 8.0
"""A face with a higher score and less tilt in degrees needs no second view."""

_STEP: Final = 30.0
"""Degrees by which a tilted face is rotated further; within half of it the landmarks show the tilt."""

_MIN_GAIN: Final = 0.03
"""Gain in score that a further rotation must bring; upright faces have the highest scores."""


class YuNet:
    """Finds faces with YuNet; `tilt` comes from their eyes and mouths.

    Args:
        content: The network's file, ONNX.
        name: Name of the file in errors.
        longest: Longer side, in pixels, to which a larger image is reduced.

    Raises:
        DetectorError: OpenCV can't use the file, or it isn't a YuNet.
    """

    name = "yunet"
    framing = FRAMING
    score_limits = SCORE_LIMITS

    def __init__(self, content: bytes, name: str | Path = "YuNet", *, longest: int = LONGEST) -> None:
        self._longest = longest
        try:
            with quiet_opencv():
                self._own = _PerThread(content)
                list(self._detect(np.zeros((CLOSE, CLOSE, 3), np.uint8), CLOSE))
        except (cv2.error, IndexError) as error:
            raise DetectorError(
                f"{name}: not a YuNet that OpenCV {cv2.__version__} can use; expected a file such as "
                "face_detection_yunet_2023mar.onnx of OpenCV's model zoo"
            ) from error

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of an RGB image (height, width, 3), from left to right.

        A small image is enlarged, a large one is searched at two sizes. If nothing is found, heads
        that are rotated to either side are searched for.
        """
        fine = max(COARSE, min(max(image.shape[:2]), self._longest))
        sides = (fine, COARSE) if fine > _MAX_SINGLE else (fine,)
        found = [detection for side in sides for detection in self._detect(image, side)]
        if not found:
            found = [detection for tilt in ANGLES for detection in self._detect(image, COARSE, tilt)]
        return suppress(self._straightened(image, detection) for detection in suppress(found))

    def _detect(self, image: NDArray[np.uint8], side: int, tilt: float = 0.0) -> Iterator[Detection]:
        """Yield the faces of the image at the size `side`, rotated back by `tilt`."""
        view = rotated_view(image, side, tilt)
        network = self._own.network
        network.setInputSize((view.image.shape[1], view.image.shape[0]))
        _, rows = network.detect(cv2.cvtColor(view.image, cv2.COLOR_RGB2BGR))
        for row in np.empty((0, 15)) if rows is None else np.asarray(rows, np.float64):
            points = row[4:14].reshape(5, 2)
            angle = tilt + _GAIN * tilt_of(points)
            score, landmarks = min(float(row[14]), 1.0), landmarks_of(view.points(points))
            found = Detection(view.box(*row[:4]), score, angle, landmarks)
            if _is_valid(found, image):
                yield found

    def _straightened(self, image: NDArray[np.uint8], detection: Detection) -> Detection:
        """Return the same face detected again in views that are rotated until its score is highest.

        A face that is clearly upright is returned as it is. Often one more view is enough; each costs a
        fifth of one at 640x480.
        """
        if detection.score > _CLEAR and abs(detection.tilt) < _UPRIGHT:
            return detection
        again = self._closer(image, detection, detection.tilt)
        if again and again.score > _CLEAR and abs(again.tilt - detection.tilt) < _STEP / 2:
            return again
        best = again or detection
        for step in (-_STEP, _STEP):
            tilt = detection.tilt + step
            while (found := self._closer(image, detection, tilt)) and found.score > best.score + _MIN_GAIN:
                best, tilt = found, tilt + step
        return self._closer(image, detection, best.tilt) or best

    def _closer(self, image: NDArray[np.uint8], detection: Detection, tilt: float) -> Detection | None:
        """Return the same face in a view of its surroundings, rotated back by `tilt`; None if not found."""
        part, left, top = part_around(image, detection.box)
        found = [_shifted(one, left, top) for one in self._detect(part, CLOSE, tilt)]
        same = [one for one in found if overlap(one.box, detection.box) > MAX_OVERLAP]
        return max(same, key=lambda one: one.score, default=None)


def _is_valid(detection: Detection, image: NDArray[np.uint8]) -> bool:
    """Whether a box is finite and in the image: on tiny images the network may return others."""
    left, top, width, height = detection.box
    if not all(map(math.isfinite, (*detection.box, detection.tilt))) or min(width, height) <= 0:
        return False
    x, y = left + width / 2, top + height / 2
    return bool(0 <= x <= image.shape[1] and 0 <= y <= image.shape[0])


def _shifted(detection: Detection, right: float, down: float) -> Detection:
    """Return a detection in a part of an image as one in the image."""
    left, top, width, height = detection.box
    moved = detection.landmarks.shifted(right, down) if detection.landmarks else None
    return replace(detection, box=Box(left + right, top + down, width, height), landmarks=moved)


class _PerThread(threading.local):
    """A network for each thread, since OpenCV's keeps its input inside."""

    def __init__(self, content: bytes) -> None:
        """Load it; Python calls this once in each thread that uses the network."""
        model, config = np.frombuffer(content, np.uint8), np.empty(0, np.uint8)
        self.network = cv2.FaceDetectorYN.create(
            "onnx", model, config, (COARSE, COARSE), THRESHOLD, _NMS_THRESHOLD, _TOP_K
        )


def make_detector(options: DetectorOptions) -> YuNet:
    """Return the detector, from its chosen file, the cache, or a download."""
    if path := chosen_file(options):
        return read_yunet(path)
    return YuNet(fetch_yunet(offline=options.offline, notice=options.notice))


def chosen_file(options: DetectorOptions) -> Path | None:
    """Return the file that the user chose by an option or by `$MIEN_YUNET`; never replaced by another."""
    chosen = options.model or os.environ.get("MIEN_YUNET")
    return Path(chosen).expanduser() if chosen else None


def read_yunet(path: Path, *, longest: int = LONGEST) -> YuNet:
    """Return the detector whose network is the file `path`.

    Raises:
        DetectorError: The file can't be read, or isn't a YuNet.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DetectorError(
            f"{path}: can't read the face detector ({error.strerror}); expected a YuNet, ONNX", path=path
        ) from error
    return YuNet(content, path, longest=longest)
