"""Whether a detection is an upright face: by the detector's score, and by views turned by right angles.

A classifier gives any crop a label, often with a high confidence: the box on a flower becomes a "sad" face,
and so does a face that is upside down. Such boxes have low scores, and the same face scores higher where it
is upright. docs/lab-notebook.md, 2026-11-27, has the measurement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Detector
from mien.detection.moves import shifted, turned, turned_back
from mien.detection.nms import MAX_OVERLAP, overlap
from mien.detection.rotated_views import part_around

LOW_SCORE: Final = "low detector score"
ORIENTATION: Final = "orientation"
TRUNCATED: Final = "truncated image"


@dataclass(frozen=True)
class ScoreLimits:
    """What the scores of a detector mean.

    Attributes:
        low: Boxes with a lower score are too often not faces, 0 to 1.
        clear: Boxes with this score or a higher one are upright faces, 0 to 1. Others are compared with
            views that are turned by right angles.
    """

    low: float
    clear: float


CLOSER_TO_1: Final = 0.8
"""A face is turned where its score in another orientation is nearer to 1, by this factor of the distance."""

OTHER_ORIENTATION: Final = 45.0
"""Difference of two tilts in degrees, from which on they are different orientations."""

NO_LIMITS: Final = ScoreLimits(0.0, 0.0)
"""Of a detector without the attribute `score_limits`: its scores have an unknown scale, so all are clear."""


def limits_of(detector: Detector) -> ScoreLimits:
    """Return the attribute `score_limits` of a detector, which is optional."""
    limits = getattr(detector, "score_limits", NO_LIMITS)
    return limits if isinstance(limits, ScoreLimits) else NO_LIMITS


def doubt_of(
    detector: Detector, image: NDArray[np.uint8], detection: Detection, *, compare: bool = True
) -> str | None:
    """Return why a box may not be an upright face; None if it probably is one.

    Args:
        detector: That found the box.
        image: RGB uint8 (height, width, 3), in which it found it.
        detection: A box.
        compare: Search the surroundings of a box that is not clear in views turned by right angles.

    Returns:
        `LOW_SCORE`, `ORIENTATION` or None.
    """
    limits = limits_of(detector)
    if detection.score >= limits.clear:
        return None
    is_low = detection.score < limits.low
    # A box that is not a face may also score higher when turned, but it does not score clearly.
    if compare and _is_turned(detector, image, detection, limits.clear if is_low else 0.0):
        return ORIENTATION
    return LOW_SCORE if is_low else None


def _is_turned(detector: Detector, image: NDArray[np.uint8], detection: Detection, min_score: float) -> bool:
    """Whether the face scores higher, and at least `min_score`, where it has another orientation."""
    part, left, top = part_around(image, detection.box)
    here = shifted(detection, -left, -top)
    return any(
        one.score >= min_score
        and 1 - one.score < CLOSER_TO_1 * (1 - detection.score)
        and _differ(one.tilt, detection.tilt)
        for quarters in (2, 1, 3)
        for one in _found(detector, part, quarters)
        if overlap(one.box, here.box) > MAX_OVERLAP
    )


def _found(detector: Detector, part: NDArray[np.uint8], quarters: int) -> Iterator[Detection]:
    height, width = part.shape[:2]
    for one in detector.detect(turned(part, quarters)):
        yield turned_back(one, quarters, width, height)


def _differ(one: float, other: float) -> bool:
    """Whether two tilts in degrees are of different orientations."""
    return abs((one - other + 180) % 360 - 180) > OTHER_ORIENTATION
