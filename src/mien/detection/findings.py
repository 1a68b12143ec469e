"""The one check of what a detector returns, built in or not."""

import math
from collections.abc import Iterable, Sequence
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Detector
from mien.detection.box import Box
from mien.errors import DetectorError


def find_faces(detector: Detector, image: NDArray[np.uint8]) -> Sequence[Detection]:
    """Return the faces that a detector finds in an RGB image (height, width, 3), checked.

    Raises:
        DetectorError: See `checked_detections`.
    """
    return checked_detections(detector.detect(image), detector.name)


def checked_detections(found: object, name: str) -> Sequence[Detection]:
    """Return what a detector returned, if it is detections of finite numbers.

    Args:
        found: Its answer for an image.
        name: Name of the detector, for the error.

    Raises:
        DetectorError: It isn't a sequence of `Detection`, a number is not finite, or a box has no area.
    """
    if not isinstance(found, Sequence) or not all(isinstance(one, Detection) for one in found):
        raise DetectorError(f"detector {name}: returned {_described(found)}, expected a list of Detection")
    for one in found:
        numbers = [*one.box, one.score, one.tilt, *_coordinates(one)]
        if not all(map(_is_finite, numbers)) or len(one.box) != 4:
            raise DetectorError(f"detector {name}: returned {_shown(numbers)}, expected finite numbers")
        if not Box(*one.box).is_valid:
            raise DetectorError(
                f"detector {name}: returned the box {_shown(one.box)}, which has no area or is too large"
            )
    return found


def _coordinates(detection: Detection) -> Iterable[object]:
    return [value for point in detection.landmarks or () for value in point]


def _is_finite(value: object) -> bool:
    return isinstance(value, Real) and bool(-math.inf < value < math.inf)  # type: ignore[operator]


def _shown(values: Iterable[object]) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, Real) else repr(value) for value in values)[:200]


def _described(found: object) -> str:
    if isinstance(found, Sequence) and not isinstance(found, str | bytes):
        kinds = sorted({type(one).__name__ for one in found})
        return f"a {type(found).__name__} of {', '.join(kinds)}"
    return f"a value of type {type(found).__name__}"
