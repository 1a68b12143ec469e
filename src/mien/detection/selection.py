"""Which faces are searched for and returned: minimum size, score, number, orientation; with any detector."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.arguments import INTEGER, NUMBER, shown
from mien.detection.base import Detection, Detector, Framing
from mien.detection.findings import find_faces
from mien.detection.moves import scaled
from mien.detection.nms import MAX_OVERLAP, overlap, suppress
from mien.detection.reliability import detect_turned, doubts_of, limits_of
from mien.errors import DetectorError

SEARCHED_SIZE: Final = 48
"""Pixels that the smallest requested face has in the image that is searched; detectors find smaller ones."""


@dataclass(frozen=True)
class Selection:
    """Which of the faces of an image are returned. Provided boxes are not subject to it.

    Attributes:
        min_face: Shorter side of the smallest box in pixels. A larger value makes the search faster.
        max_faces: Largest number of faces in an image: the largest ones are kept; None is any number.
        largest: Keep the largest face only, as `max_faces=1`.
        threshold: Lowest score of the detector, 0 to 1; None is that of the detector.
        any_orientation: Search the image also turned by 90, 180 and 270 degrees, where no face is found or
            a face scores low.

    Raises:
        DetectorError: A value is out of range, or two contradict each other.
    """

    min_face: float = 0.0
    max_faces: int | None = None
    largest: bool = False
    threshold: float | None = None
    any_orientation: bool = False

    def __post_init__(self) -> None:
        if not NUMBER.accepts(self.min_face) or not 0 <= self.min_face < math.inf:
            raise DetectorError(f"min_face {shown(self.min_face)}: expected a number of pixels, 0 or more")
        count = self.max_faces
        if count is not None and (not INTEGER.accepts(count) or count < 1):
            raise DetectorError(f"max_faces {shown(count)}: expected a number of faces, 1 or more")
        if self.largest and count not in (None, 1):
            raise DetectorError(f"max_faces {count} contradicts largest, which is 1 face; leave one out")
        if self.threshold is not None and not (NUMBER.accepts(self.threshold) and 0 <= self.threshold <= 1):
            raise DetectorError(f"detector_threshold {shown(self.threshold)}: expected a score, 0 to 1")

    def of(self, detections: Iterable[Detection], low: float = 0.0) -> list[Detection]:
        """Return the detections that are selected, in their order.

        Args:
            detections: Of an image.
            low: Where the number is limited, boxes with a lower score are selected last: a box that is not a
                face may be larger than the faces.
        """
        kept = [one for one in detections if self._is_large_enough(one) and self._scores_enough(one)]
        number = 1 if self.largest else self.max_faces
        ranks = [(one.score < low, -one.box.width * one.box.height) for one in kept]
        chosen = sorted(range(len(kept)), key=ranks.__getitem__)[:number]
        return [kept[at] for at in sorted(chosen)]

    def _is_large_enough(self, detection: Detection) -> bool:
        return min(detection.box.width, detection.box.height) >= self.min_face

    def _scores_enough(self, detection: Detection) -> bool:
        return self.threshold is None or detection.score >= self.threshold


class SelectingDetector:
    """A detector that returns the selected faces of another one, and marks doubtful ones.

    Args:
        detector: Finds the faces.
        selection: Which of them are returned; all by default.
    """

    def __init__(self, detector: Detector, selection: Selection | None = None) -> None:
        self.detector = detector
        self.selection = selection or Selection()

    @property
    def name(self) -> str:
        """Name of the other detector."""
        return self.detector.name

    @property
    def framing(self) -> Framing:
        """How its boxes are cropped."""
        return self.detector.framing

    @property
    def longest(self) -> int | None:
        """Longer side in pixels up to which a larger image shows more faces; None if that is unknown."""
        return getattr(self.detector, "longest", None)

    def detect(self, image: NDArray[np.uint8], /, scale: tuple[float, float] = (1.0, 1.0)) -> list[Detection]:
        """Return the selected faces of an image, from left to right.

        Args:
            image: RGB uint8 (height, width, 3); it may be a reduced copy.
            scale: Width and height of its pixels in pixels of the unreduced image, in which the faces are
                returned.
        """
        small = _reduced(image, self.selection.min_face / max(scale))
        across, along = (
            factor * image.shape[axis] / small.shape[axis] for factor, axis in zip(scale, (1, 0), strict=True)
        )
        found = (scaled(one, across, along) for one in self._found(small))
        selected = self.selection.of(found, limits_of(self.detector).low)
        inside = [scaled(one, 1 / across, 1 / along) for one in selected]
        compare = not self.selection.any_orientation  # else all orientations were searched
        doubts = doubts_of(self.detector, small, inside, compare=compare)
        return [replace(one, doubt=doubt) for one, doubt in zip(selected, doubts, strict=True)]

    def _found(self, image: NDArray[np.uint8]) -> Sequence[Detection]:
        if self.selection.any_orientation:
            return detect_any_orientation(self.detector, image)
        return find_faces(self.detector, image)


def detect_any_orientation(detector: Detector, image: NDArray[np.uint8]) -> list[Detection]:
    """Return the faces of an image that may be turned by 90, 180 or 270 degrees, from left to right.

    Where all upright faces score clearly, that is all. Otherwise the image is searched in each orientation.
    The faces of the orientation with the most clear faces are returned, clear ones of the others, and of
    several detections of a face that with the highest score.

    Args:
        detector: Finds upright faces.
        image: RGB uint8 (height, width, 3).
    """
    clear = limits_of(detector).clear
    found = list(find_faces(detector, image))
    if found and clear and all(one.score >= clear for one in found):
        return found
    orientations = [found, *(detect_turned(detector, image, quarters) for quarters in (2, 1, 3))]
    main = _main_orientation(orientations, clear)
    return suppress(one for some in orientations for one in some if _is_kept(one, main, clear))


def _main_orientation(orientations: Sequence[Sequence[Detection]], clear: float) -> Sequence[Detection]:
    """Return the detections of the orientation of the image; the upright one where scores don't differ."""
    if not any(one.score >= clear for some in orientations for one in some) and orientations[0]:
        return orientations[0]
    return max(orientations, key=lambda some: sum(one.score for one in some if one.score >= clear))


def _is_kept(detection: Detection, main: Sequence[Detection], clear: float) -> bool:
    is_clear = 0 < clear <= detection.score
    return is_clear or not main or any(overlap(detection.box, one.box) > MAX_OVERLAP for one in main)


def _reduced(image: NDArray[np.uint8], min_face: float) -> NDArray[np.uint8]:
    """Return the image reduced such that a face of `min_face` pixels has `SEARCHED_SIZE`."""
    factor = SEARCHED_SIZE / min_face if min_face else 1.0
    if factor >= 1:
        return image
    size = [max(1, round(length * factor)) for length in (image.shape[1], image.shape[0])]
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
