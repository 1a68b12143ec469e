"""Whether a detection is an upright face: by the detector's score, and by views turned by right angles.

A classifier gives any crop a label, often with a high confidence: the box on a flower becomes a "sad" face,
and so does a face that is upside down. Such boxes have low scores, and the same face scores higher where it
is upright. docs/lab-notebook.md, 2026-11-27, has the measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Detector
from mien.detection.findings import checked_detections
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

MAX_COMPARED: Final = 3
"""Faces of an image that are compared with turned views, at most."""

NO_LIMITS: Final = ScoreLimits(0.0, 0.0)
"""Of a detector without the attribute `score_limits`: its scores have an unknown scale, so all are clear."""


def limits_of(detector: Detector) -> ScoreLimits:
    """Return the attribute `score_limits` of a detector, which is optional."""
    limits = getattr(detector, "score_limits", NO_LIMITS)
    return limits if isinstance(limits, ScoreLimits) else NO_LIMITS


def doubts_of(
    detector: Detector, image: NDArray[np.uint8], detections: Sequence[Detection], *, compare: bool = True
) -> list[str | None]:
    """Return for each box why it may not be an upright face; None if it probably is one.

    Faces that don't score clearly are compared with views of their surroundings that are turned by right
    angles, unless another face of the image is clear and upright. To bound the cost, only the largest are
    compared; if one of them is turned, the others are taken to be so.

    Args:
        detector: That found the boxes.
        image: RGB uint8 (height, width, 3), in which it found them.
        detections: The boxes.
        compare: False leaves the comparison out.

    Returns:
        `LOW_SCORE`, `ORIENTATION` or None for each.
    """
    limits = limits_of(detector)
    unclear = [at for at, one in enumerate(detections) if one.score < limits.clear]
    is_upright = any(one.score >= limits.clear and not _differ(one.tilt, 0.0) for one in detections)
    compared = sorted(unclear, key=lambda at: -_area(detections[at]))[:MAX_COMPARED]
    if not compare or is_upright:
        compared = []
    others = {at for at in compared if _is_turned(detector, image, detections[at], limits)}
    rest = set(unclear) - set(compared) if others else set()
    return [
        ORIENTATION if at in others | rest else LOW_SCORE if one.score < limits.low else None
        for at, one in enumerate(detections)
    ]


def _is_turned(
    detector: Detector, image: NDArray[np.uint8], detection: Detection, limits: ScoreLimits
) -> bool:
    """Whether the face scores higher where it has another orientation.

    A box that is not a face may score higher, too, but it does not score clearly.
    """
    part, left, top = part_around(image, detection.box)
    here = shifted(detection, -left, -top)
    min_score = limits.clear if detection.score < limits.low else 0.0
    return any(
        one.score >= min_score
        and 1 - one.score < CLOSER_TO_1 * (1 - detection.score)
        and _differ(one.tilt, detection.tilt)
        for quarters in (2, 1, 3)
        for one in detect_turned(detector, part, quarters)
        if overlap(one.box, here.box) > MAX_OVERLAP
    )


def _area(detection: Detection) -> float:
    return detection.box.width * detection.box.height


def detect_turned(detector: Detector, image: NDArray[np.uint8], quarters: int) -> list[Detection]:
    """Return the faces that are upright where the image is turned counterclockwise by right angles.

    Boxes are in pixels of the image, RGB uint8 (height, width, 3), as it is.

    Views by right angles need no search for rotated heads between them: a detector may have a method
    `detect_unrotated` that leaves it out.
    """
    detect = getattr(detector, "detect_unrotated", detector.detect)
    height, width = image.shape[:2]
    found = checked_detections(detect(turned(image, quarters)), detector.name)
    return [turned_back(one, quarters, width, height) for one in found]


def _differ(one: float, other: float) -> bool:
    """Whether two tilts in degrees are of different orientations."""
    return abs((one - other + 180) % 360 - 180) > OTHER_ORIENTATION
