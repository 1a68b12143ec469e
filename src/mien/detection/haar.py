"""Haar cascades: the faces that OpenCV finds with nothing but what it ships (Viola and Jones 2001).

FER2013's own faces were cut out along such boxes. A cascade sees upright heads only, so where none
is clearly found the picture is turned to either side.
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
from mien.detection.nms import strongest
from mien.detection.rotated_views import look_at

LONGEST: Final = 640
"""Longer side, in pixels, of the picture that is searched."""

TURNS: Final = (-25.0, 25.0)
"""Degrees of the heads that are looked for when no upright one is clearly found."""

FRAMING: Final = Framing(scale=1.0, down=0.0)
"""Measured on FER2013 by `benchmarks/framing.py`; see docs/lab-notebook.md, 2026-11-21."""

_CASCADE: Final = "haarcascade_frontalface_alt2.xml"
_STEP: Final = 1.1
_NEIGHBORS: Final = 3
_NEIGHBORS_TURNED: Final = 10
"""Hits on one place that make it a face. Turned pictures are searched where hardly anybody was found, so
most of what they show is false: 4 to 7 hits, where turned faces get 14 and more (docs/lab-notebook.md).
"""

_SMALLEST: Final = 20

THRESHOLD: Final = 0.4
"""Score from which a box is a face."""

_FAINT: Final = 0.5
"""With a lower score it may be part of a turned one, which is then looked for and beats it."""

_MIDDLE: Final = 55.0
_SLOPE: Final = 2.0
"""A cascade's weight of `_MIDDLE` is a score of 0.5. Of FER2013's faces half have 56.4 and more, and
one in twenty-five has less than 55."""


class Haar:
    """Finds faces with OpenCV's frontal cascade `alt2`.

    Args:
        longest: Longer side, in pixels, to which a larger picture is reduced.
    """

    name = "haar"
    framing = FRAMING

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self._own = _Own()

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of an RGB picture (height, width, 3), from left to right."""
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        found = list(self._look(gray, 0.0))
        if all(one.score < _FAINT for one in found):
            found += [detection for tilt in TURNS for detection in self._look(gray, tilt)]
        return strongest(found)

    def _look(self, gray: NDArray[np.uint8], tilt: float) -> Iterator[Detection]:
        """Heads that are turned clockwise by `tilt`: upright ones in the picture turned back."""
        look = look_at(gray, min(max(gray.shape), self._longest), tilt)
        neighbors = _NEIGHBORS_TURNED if tilt else _NEIGHBORS
        boxes, _, weights = self._own.cascade.detectMultiScale3(
            look.image, _STEP, neighbors, minSize=(_SMALLEST, _SMALLEST), outputRejectLevels=True
        )
        for box, weight in zip(boxes, np.ravel(weights), strict=True):
            if (score := _score(float(weight))) >= THRESHOLD:
                yield Detection(look.box(*map(float, box)), score, tilt)


class _Own(threading.local):
    """A cascade of each thread's own, since OpenCV's keeps the picture inside."""

    def __init__(self) -> None:
        """Load it; Python calls this once in every thread that asks for the cascade."""
        self.cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / _CASCADE))


def _score(weight: float) -> float:
    return 1 / (1 + math.exp(-_SLOPE * (weight - _MIDDLE)))
