"""Non-maximum suppression: of several detections of one face, the one with the highest score."""

from collections.abc import Iterable
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.box import Box

MAX_OVERLAP: Final = 0.5
"""Two boxes are of one face when their overlap is larger."""

Overlap = Literal["union", "smaller"]
"""What the intersection of two boxes is divided by: the area of their union, or that of the smaller box."""


def suppress(detections: Iterable[Detection]) -> list[Detection]:
    """Return the detections from left to right; of several of one face, the one with the highest score.

    The overlap is measured against the smaller box, not against the union as in plain non-maximum
    suppression: a false box inside a face is far smaller than the face.
    """
    found = list(detections)
    if len(found) < 2:
        return found
    boxes = np.array([_corners(one.box) for one in found])
    scores = np.array([one.score for one in found])
    kept = [found[index] for index in non_maximum_suppression(boxes, scores, MAX_OVERLAP, "smaller")]
    return sorted(kept, key=lambda one: (one.box.left + one.box.width / 2, one.box.top))


def non_maximum_suppression(
    boxes: NDArray[np.floating], scores: NDArray[np.floating], threshold: float, overlap: Overlap
) -> NDArray[np.intp]:
    """Return the indices of the boxes that overlap none with a higher score by more than `threshold`.

    Args:
        boxes: (n, 4): left, top, right, bottom; n may be 0.
        scores: (n,).
        threshold: 0 to 1.
        overlap: What the intersection is divided by.

    Returns:
        (m,), by falling score; of equal scores the first one comes first.
    """
    order = np.argsort(-scores, kind="stable")
    kept = []
    while order.size:
        first, order = order[0], order[1:]
        kept.append(first)
        order = order[overlaps(boxes[first], boxes[order], overlap) <= threshold]
    return np.array(kept, np.intp)


def overlaps(
    box: NDArray[np.floating], others: NDArray[np.floating], overlap: Overlap = "smaller"
) -> NDArray[np.floating]:
    """Return the overlap (n,), 0 to 1, of a box (4,) with others (n, 4): left, top, right, bottom."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.maximum(sides, 0).prod(1)
    area, areas = (box[2:] - box[:2]).prod(), (others[:, 2:] - others[:, :2]).prod(1)
    whole = np.minimum(area, areas) if overlap == "smaller" else area + areas - shared
    return np.asarray(shared / np.maximum(whole, np.finfo(np.float32).tiny))


def overlap(one: Box, other: Box) -> float:
    """Return the intersection of two boxes divided by the area of the smaller one, 0 to 1."""
    return float(overlaps(np.array(_corners(one)), np.array([_corners(other)]))[0])


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.left + box.width, box.top + box.height
