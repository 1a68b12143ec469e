"""The search for faces in views of an image, which the detectors with a network share.

A network finds faces in a range of sizes and tilts. The image is therefore searched in views of it, and a
tilted face again in a view of its surroundings that is rotated until the face is upright.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.candidates import FindFaces, finite
from mien.detection.landmarks import landmarks_of, tilt_of
from mien.detection.moves import shifted
from mien.detection.nms import MAX_OVERLAP, overlap, suppress
from mien.detection.rotated_views import RotatedView, part_around, rotated_view
from mien.errors import DetectorError
from mien.runtime.failures import failures_as

ANGLES: Final = (-45.0, 45.0)
"""Degrees of the rotated heads that are searched for when no more upright one is found."""

STEPS: Final = (-60.0, -30.0, 30.0, 60.0)
"""Degrees by which a tilted face is rotated further."""

NEAR: Final = 15.0
"""Half a step in degrees, within which the landmarks show the tilt."""

FACE_IN_CLOSE_VIEW: Final = 0.2
"""Least part of a view of a single face that the face takes; a box and its surroundings show about 0.5."""

MIN_GAIN: Final = 0.03
"""Gain in score that a further rotation must bring; upright faces have the highest scores."""


@dataclass(frozen=True)
class Search:
    """How an image is searched with a network.

    Attributes:
        sides: Returns the longer sides of the views that are searched, in pixels, for the longer side of an
            image.
        min_face: Returns the side of the smallest face in a view, in pixels, for the longer side of the view.
        coarse: Longer side of the rotated views that are searched if no upright face is found.
        close: Longer side of the view of a single tilted face and its surroundings.
        clear: A face with a higher score, and less tilt than `upright`, needs no second view.
        upright: In degrees.
        rotated: Score from which a face is returned that only rotated views show, where most boxes are false.
        gain: True tilt divided by the tilt that the landmarks show.
    """

    sides: Callable[[int], tuple[int, ...]]
    min_face: Callable[[int], float]
    coarse: int
    close: int
    clear: float
    upright: float
    rotated: float
    gain: float


class NetworkDetector:
    """A detector that searches an image with a network; its subclasses open one. Thread-safe.

    Args:
        find: The network.
        search: How an image is searched.
        longest: Longer side, in pixels, to which a larger image is reduced.
    """

    name: ClassVar[str]

    def __init__(self, find: FindFaces, search: Search, longest: int) -> None:
        self.longest = longest
        self._find, self._search = find, search

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of an RGB image (height, width, 3), from left to right."""
        with failures_as(DetectorError, self.name):
            return search_faces(image, self._find, self._search)

    def detect_unrotated(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces as `detect` does, without views that are rotated where it finds none."""
        with failures_as(DetectorError, self.name):
            return search_faces(image, self._find, self._search, rotated=False)


def search_faces(
    image: NDArray[np.uint8], find: FindFaces, search: Search, *, rotated: bool = True
) -> list[Detection]:
    """Return the faces of an RGB image (height, width, 3), from left to right.

    Args:
        image: The image.
        find: The network.
        search: How it is searched.
        rotated: If nothing is found, search for heads that are rotated to either side.
    """
    views = [(side, 0.0) for side in search.sides(max(image.shape[:2]))]
    rotated_views = [(search.coarse, tilt) for tilt in ANGLES]
    found, lowest = _in_views(image, find, search, views), 0.0
    if not found and rotated:
        found, lowest = _in_views(image, find, search, rotated_views), search.rotated
    faces = suppress(_straightened(image, find, search, one) for one in suppress(found))
    return [one for one in faces if one.score >= lowest]


def _in_views(
    image: NDArray[np.uint8], find: FindFaces, search: Search, views: Iterable[tuple[int, float]]
) -> list[Detection]:
    """Return the faces in the views, each given by its longer side and its tilt."""
    return [
        one
        for side, tilt in views
        for one in _in_view(image, find, rotated_view(image, side, tilt), search.min_face(side), search.gain)
    ]


def _in_view(
    image: NDArray[np.uint8], find: FindFaces, view: RotatedView, min_face: float, gain: float
) -> Iterator[Detection]:
    """Yield the faces of the image in a view of it."""
    for box, score, points in zip(*finite(find(view.image, min_face)), strict=True):
        angle = view.tilt + gain * tilt_of(points)
        landmarks = landmarks_of(view.points(points))
        detection = Detection(_box_of(view, box), min(float(score), 1.0), angle, landmarks)
        if _is_valid(detection, image):
            yield detection


def _box_of(view: RotatedView, corners: NDArray[np.float32]) -> Box:
    left, top, right, bottom = map(float, corners)
    return view.box(left, top, right - left, bottom - top)


def _straightened(
    image: NDArray[np.uint8], find: FindFaces, search: Search, detection: Detection
) -> Detection:
    """Return the same face detected again in views that are rotated until its score is highest.

    A face that is clearly upright is returned as it is. Often one more view is enough; each costs a
    fifth of one at 640x480.
    """
    if detection.score > search.clear and abs(detection.tilt) < search.upright:
        return detection
    again = _closer(image, find, search, detection, detection.tilt)
    if again and again.score > search.clear and abs(again.tilt - detection.tilt) < NEAR:
        return again
    first = again or detection
    turned = [_closer(image, find, search, detection, detection.tilt + step) for step in STEPS]
    best = max((one for one in turned if one), key=lambda one: one.score, default=first)
    best = best if best.score > first.score + MIN_GAIN else first
    return _closer(image, find, search, detection, best.tilt) or best


def _closer(
    image: NDArray[np.uint8], find: FindFaces, search: Search, detection: Detection, tilt: float
) -> Detection | None:
    """Return the same face in a view of its surroundings, rotated back by `tilt`; None if not found."""
    part, left, top = part_around(image, detection.box)
    view = rotated_view(part, search.close, tilt)
    min_face = FACE_IN_CLOSE_VIEW * search.close
    found = [shifted(one, left, top) for one in _in_view(part, find, view, min_face, search.gain)]
    same = [one for one in found if overlap(one.box, detection.box) > MAX_OVERLAP]
    return max(same, key=lambda one: one.score, default=None)


def _is_valid(detection: Detection, image: NDArray[np.uint8]) -> bool:
    """Whether a box has an area and its center is in the image; on tiny images networks find others."""
    left, top, width, height = detection.box
    x, y = left + width / 2, top + height / 2
    return min(width, height) > 0 and 0 <= x <= image.shape[1] and 0 <= y <= image.shape[0]
