"""Non-maximum suppression: of several detections of one face, the one with the highest score."""

from collections.abc import Iterable
from typing import Final

from mien.detection.base import Detection
from mien.detection.box import Box

MAX_OVERLAP: Final = 0.5
"""Two boxes are of one face when their overlap is larger."""


def suppress(detections: Iterable[Detection]) -> list[Detection]:
    """Return the detections from left to right; of several of one face, the one with the highest score.

    The overlap is measured against the smaller box, not against the union as in plain non-maximum
    suppression: a false box inside a face is far smaller than the face.
    """
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda found: -found.score):
        if all(overlap(detection.box, other.box) <= MAX_OVERLAP for other in kept):
            kept.append(detection)
    return sorted(kept, key=lambda found: (found.box.left + found.box.width / 2, found.box.top))


def overlap(one: Box, other: Box) -> float:
    """Return the intersection of two boxes divided by the area of the smaller one, 0 to 1."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    smaller = min(one.width * one.height, other.width * other.height)
    return max(width, 0.0) * max(height, 0.0) / smaller
