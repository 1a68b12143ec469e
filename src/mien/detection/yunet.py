"""YuNet: faces of any size, with landmarks, in milliseconds (Wu, Peng and Yu 2023).

OpenCV runs it. Its file isn't part of OpenCV or of mien; `fetch.py` knows where it comes from.
"""

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.nms import SAME, shared, strongest
from mien.detection.rotated_views import look_at, part_around
from mien.errors import DetectorError
from mien.media.images.quiet import quiet_opencv

LONGEST: Final = 1280
"""Longer side of the larger look, in pixels: finds faces in group photographs."""

COARSE: Final = 320
"""Longer side of the smaller look, which a small picture is enlarged to."""

_ALONE: Final = 640
"""Up to here the larger look suffices: YuNet misses faces of more than about 500 pixels."""

CLOSE: Final = 160
"""Longer side of the look at a single tilted face and its surroundings."""

TURNS: Final = (-45.0, 45.0)
"""Degrees of the heads that are looked for when none is found more upright."""

THRESHOLD: Final = 0.6
"""Score from which a box is a face."""

FRAMING: Final = Framing(scale=1.05, down=0.0)
"""Measured on FER2013 by `benchmarks/framing.py`; see docs/lab-notebook.md, 2026-11-21."""

_OVERLAP: Final = 0.3
_CANDIDATES: Final = 5000

_GAIN: Final = 1.6
"""YuNet draws the landmarks of tilted faces too upright: they show about 0.6 of a small tilt."""

_CLEAR: Final = 0.9
_UPRIGHT: Final = 8.0
"""A face with a higher score and less tilt needs no second look."""

_STEP: Final = 30.0
"""Degrees by which a tilted face is turned on; within half of that its landmarks tell the tilt."""

_BETTER: Final = 0.03
"""Gain in score that makes a further turn worth it; upright faces score highest."""

_TEMPLATE: Final = np.array([-0.5 - 0.4j, 0.5 - 0.4j, -0.4 + 0.6j, 0.4 + 0.6j])
"""Eyes and mouth corners of an upright face, x + iy, in distances between the eyes, as YuNet orders
them. The nose is left out: it moves sideways when a head turns."""


class YuNet:
    """Finds faces with YuNet; `tilt` comes from their eyes and mouths.

    Args:
        content: The network's file, ONNX.
        name: What an error calls the file.
        longest: Longer side, in pixels, to which a larger picture is reduced.

    Raises:
        DetectorError: OpenCV can't use the file, or it isn't a YuNet.
    """

    name = "yunet"
    framing = FRAMING

    def __init__(self, content: bytes, name: str | Path = "YuNet", *, longest: int = LONGEST) -> None:
        self._longest = longest
        try:
            with quiet_opencv():
                self._own = _Own(content)
                list(self._look(np.zeros((CLOSE, CLOSE, 3), np.uint8), CLOSE))
        except (cv2.error, IndexError) as error:
            raise DetectorError(
                f"{name}: not a YuNet that OpenCV {cv2.__version__} can use; expected a file such as "
                "face_detection_yunet_2023mar.onnx of OpenCV's model zoo"
            ) from error

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of an RGB picture (height, width, 3), from left to right.

        A small picture is enlarged, a large one is looked at in two sizes. Where nothing is found,
        heads that lie on either side are looked for.
        """
        fine = max(COARSE, min(max(picture.shape[:2]), self._longest))
        sides = (fine, COARSE) if fine > _ALONE else (fine,)
        found = [detection for side in sides for detection in self._look(picture, side)]
        if not found:
            found = [detection for tilt in TURNS for detection in self._look(picture, COARSE, tilt)]
        return strongest(self._straightened(picture, detection) for detection in strongest(found))

    def _look(self, picture: NDArray[np.uint8], side: int, tilt: float = 0.0) -> Iterator[Detection]:
        """What is found in the picture at the size `side`, turned back by `tilt`."""
        look = look_at(picture, side, tilt)
        network = self._own.network
        network.setInputSize((look.image.shape[1], look.image.shape[0]))
        _, rows = network.detect(cv2.cvtColor(look.image, cv2.COLOR_RGB2BGR))
        for row in np.empty((0, 15)) if rows is None else np.asarray(rows, np.float64):
            more = _GAIN * tilt_of(row[4:14].reshape(5, 2))
            found = Detection(look.box(*row[:4]), min(float(row[14]), 1.0), tilt + more)
            if _is_sound(found, picture):
                yield found

    def _straightened(self, picture: NDArray[np.uint8], detection: Detection) -> Detection:
        """The same face looked at again, unless it is clearly upright, where turning back shows it best.

        Often one more look settles it; each costs a fifth of one at 640x480.
        """
        if detection.score > _CLEAR and abs(detection.tilt) < _UPRIGHT:
            return detection
        again = self._closer(picture, detection, detection.tilt)
        if again and again.score > _CLEAR and abs(again.tilt - detection.tilt) < _STEP / 2:
            return again
        best = again or detection
        for step in (-_STEP, _STEP):
            tilt = detection.tilt + step
            while (found := self._closer(picture, detection, tilt)) and found.score > best.score + _BETTER:
                best, tilt = found, tilt + step
        return self._closer(picture, detection, best.tilt) or best

    def _closer(self, picture: NDArray[np.uint8], detection: Detection, tilt: float) -> Detection | None:
        """The same face in a look at its surroundings, turned back by `tilt`; None if it isn't seen there."""
        part, left, top = part_around(picture, detection.box)
        seen = [
            replace(one, box=one.box._replace(left=one.box.left + left, top=one.box.top + top))
            for one in self._look(part, CLOSE, tilt)
        ]
        same = [one for one in seen if shared(one.box, detection.box) > SAME]
        return max(same, key=lambda one: one.score, default=None)


def _is_sound(detection: Detection, picture: NDArray[np.uint8]) -> bool:
    """Whether a box is one: on hardly any pixels the network may answer with infinite or distant ones."""
    left, top, width, height = detection.box
    if not all(map(math.isfinite, (*detection.box, detection.tilt))) or min(width, height) <= 0:
        return False
    x, y = left + width / 2, top + height / 2
    return bool(0 <= x <= picture.shape[1] and 0 <= y <= picture.shape[0])


class _Own(threading.local):
    """A network of each thread's own, since OpenCV's keeps its input inside."""

    def __init__(self, content: bytes) -> None:
        """Load it; Python calls this once in every thread that asks for the network."""
        model, config = np.frombuffer(content, np.uint8), np.empty(0, np.uint8)
        self.network = cv2.FaceDetectorYN.create(
            "onnx", model, config, (COARSE, COARSE), THRESHOLD, _OVERLAP, _CANDIDATES
        )


def read_yunet(path: Path, *, longest: int = LONGEST) -> YuNet:
    """Return the detector whose network is the file `path`.

    Raises:
        DetectorError: The file can't be read, or isn't a YuNet.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DetectorError(
            f"{path}: can't read the face detector ({error.strerror}); expected a YuNet, ONNX"
        ) from error
    return YuNet(content, path, longest=longest)


def tilt_of(landmarks: NDArray[np.float64]) -> float:
    """Return the degrees by which a face is turned clockwise.

    The angle of the least-squares similarity from an upright face (Umeyama 1991, in the plane).

    Args:
        landmarks: (5, 2), x and y of right eye, left eye, nose, right and left corner of the
            mouth; the subject's right is left in the picture.
    """
    points = landmarks[[0, 1, 3, 4]] @ np.array([1, 1j])
    fit = np.vdot(_TEMPLATE - _TEMPLATE.mean(), points - points.mean())
    return math.degrees(np.angle(fit))
