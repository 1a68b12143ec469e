"""Haar cascades: the detector that OpenCV ships (Viola and Jones 2001).

The faces of FER2013 were cropped along such boxes. A cascade finds upright heads only, so if no face is
found clearly, the image is rotated to either side.
"""

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import cv2.data
import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.nms import suppress
from mien.detection.options import DetectorOptions
from mien.detection.rotated_views import rotated_view

LONGEST: Final = 640
"""Longer side, in pixels, of the image that is searched."""

ANGLES: Final = (-25.0, 25.0)
"""Degrees of the rotated heads that are searched for when no upright one is found clearly."""

FRAMING: Final = Framing(scale=1.0, down=0.0)
"""Measured on FER2013 by `benchmarks/framing.py`; see docs/lab-notebook.md, 2026-11-21."""

_CASCADE: Final = "haarcascade_frontalface_alt2.xml"
_SCALE_STEP: Final = 1.1
_MIN_NEIGHBORS: Final = 3
_MIN_NEIGHBORS_ROTATED: Final = 10
"""Hits at one place that make it a face. Rotated images are searched where hardly any face was found, so
most hits there are false: 4 to 7 at a place, where rotated faces get 14 and more (docs/lab-notebook.md).
"""

_MIN_SIZE: Final = 20

THRESHOLD: Final = 0.4
"""Score from which a box is a face."""

_CLEAR: Final = 0.5
"""A box with a lower score may be part of a rotated face, which is then searched for and scores higher."""

_MIDPOINT: Final = 55.0
_SLOPE: Final = 2.0
"""The score is logistic in the weight of the cascade, 0.5 at `_MIDPOINT`. Of FER2013's faces half have a
weight of 56.4 and more, and one in twenty-five has less than 55."""


class Haar:
    """Finds faces with OpenCV's frontal cascade `alt2`. Thread-safe.

    Args:
        longest: Longer side, in pixels, to which a larger image is reduced.
    """

    name = "haar"
    framing = FRAMING

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self._own = _PerThread()

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of an RGB image (height, width, 3), from left to right."""
        gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        found = list(self._detect(gray, 0.0))
        if all(one.score < _CLEAR for one in found):
            found += [detection for tilt in ANGLES for detection in self._detect(gray, tilt)]
        return suppress(found)

    def _detect(self, gray: NDArray[np.uint8], tilt: float) -> Iterator[Detection]:
        """Yield the heads that are rotated clockwise by `tilt`: upright in the image rotated back."""
        view = rotated_view(gray, min(max(gray.shape), self._longest), tilt)
        neighbors = _MIN_NEIGHBORS_ROTATED if tilt else _MIN_NEIGHBORS
        boxes, _, weights = self._own.cascade.detectMultiScale3(
            view.image, _SCALE_STEP, neighbors, minSize=(_MIN_SIZE, _MIN_SIZE), outputRejectLevels=True
        )
        for box, weight in zip(boxes, np.ravel(weights), strict=True):
            if (score := _score(float(weight))) >= THRESHOLD:
                yield Detection(view.box(*map(float, box)), score, tilt)


class _PerThread(threading.local):
    """A cascade for each thread, since OpenCV's keeps the image inside."""

    def __init__(self) -> None:
        """Load it; Python calls this once in each thread that uses the cascade."""
        self.cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / _CASCADE))


def make_detector(options: DetectorOptions) -> Haar:
    """Return the detector."""
    options.require_no_model("haar")
    return Haar()


def _score(weight: float) -> float:
    return 1 / (1 + math.exp(-_SLOPE * (weight - _MIDPOINT)))
