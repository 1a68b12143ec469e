"""Tracking: assigns the faces of a frame to the tracks of the frames before, without image information.

A detection is assigned to the track whose predicted box it overlaps most (IoU; Bochinski et al. 2017,
"High-Speed Tracking-by-Detection Without Using Image Information"). Between detections a track is
extrapolated with a decaying velocity, so that the detector need not run on every frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.moves import shifted

MIN_IOU: Final = 0.2
"""Least IoU of a detection with the predicted box of its track."""

MAX_DISTANCE: Final = 1.2
"""Largest distance of a detection that doesn't overlap the predicted box, in sides of the box."""

MAX_SIDE_RATIO: Final = 1.6
"""Largest ratio of the sides of such boxes."""

VELOCITY_MOMENTUM: Final = 0.4
"""Weight of the previous velocity in the exponential average of velocities."""

MAX_AGE: Final = 1.0
"""Seconds for which a track without detections is kept."""

VELOCITY_DECAY: Final = 0.5
"""Time constant in seconds of the decay of the velocity of an extrapolated track."""


class Tracked(NamedTuple):
    """A face and its track."""

    track: int
    detection: Detection


@dataclass(frozen=True)
class Track:
    """One person, as last detected.

    Attributes:
        number: From 1, never reused.
        detection: The last one.
        time: Time of that detection, in seconds.
        velocity: Of the center of the box, in pixels per second, x and y.
        detected: Whether the last run of the detector found it.
    """

    number: int
    detection: Detection
    time: float
    velocity: tuple[float, float] = (0.0, 0.0)
    detected: bool = True

    def predicted(self, time: float) -> Detection:
        """Return the extrapolated detection at `time`."""
        lasting = VELOCITY_DECAY * -math.expm1(-max(0.0, time - self.time) / VELOCITY_DECAY)
        across, down = self.velocity
        return shifted(self.detection, across * lasting, down * lasting)

    def updated(self, detection: Detection, time: float) -> "Track":
        """Return the track with a new detection."""
        passed = time - self.time
        new = np.subtract(_center(detection.box), _center(self.detection.box)) / max(passed, 1e-3)
        old = np.asarray(self.velocity) if any(self.velocity) else new
        across, down = (VELOCITY_MOMENTUM * old + (1 - VELOCITY_MOMENTUM) * new).tolist()
        return Track(self.number, detection, time, (across, down))


class Tracker:
    """Assigns track numbers to the faces of consecutive frames.

    Args:
        max_age: Seconds for which a track without detections is kept; one that the last run of the
            detector found is kept in any case.
    """

    def __init__(self, max_age: float = MAX_AGE) -> None:
        self._max_age = max_age
        self._tracks: list[Track] = []
        self._numbers = 0

    def update(self, detections: Sequence[Detection], time: float) -> list[Tracked]:
        """Return the detections of a frame with their tracks, in the order of `detections`.

        Args:
            detections: All faces of the frame.
            time: Of the frame, in seconds; later than that of the last call.
        """
        self._tracks = [t for t in self._tracks if t.detected or time - t.time <= self._max_age]
        expected = [track.predicted(time).box for track in self._tracks]
        pairs = _pairs(expected, [detection.box for detection in detections])
        found = [
            self._tracks[pairs[at]].updated(detection, time) if at in pairs else self._new(detection, time)
            for at, detection in enumerate(detections)
        ]
        missed = [replace(t, detected=False) for at, t in enumerate(self._tracks) if at not in pairs.values()]
        self._tracks = found + missed
        return [Tracked(track.number, track.detection) for track in found]

    def predict(self, time: float) -> list[Tracked]:
        """Return the extrapolated faces of the last run of the detector, from left to right."""
        found = [Tracked(track.number, track.predicted(time)) for track in self._tracks if track.detected]
        return sorted(found, key=lambda tracked: tracked.detection.box.left)

    def _new(self, detection: Detection, time: float) -> Track:
        self._numbers += 1
        return Track(self._numbers, detection, time)


def _pairs(expected: Sequence[Box], found: Sequence[Box]) -> dict[int, int]:
    """Return the position of the predicted box for each detected one that matches; greedy, best first."""
    closeness = _closeness(_array(expected), _array(found))
    pairs: dict[int, int] = {}
    for at in np.argsort(-closeness, axis=None, kind="stable").tolist():
        old, new = divmod(at, len(found))
        if closeness[old, new] <= 0:
            break
        if new not in pairs and old not in pairs.values():
            pairs[new] = old
    return pairs


def _closeness(expected: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (expected, found): above 1 where boxes overlap, 0 to 1 where they are near, 0 elsewhere."""
    overlap = ious(expected, found)
    sides = (
        np.sqrt(expected[:, None, 2] * expected[:, None, 3]),
        np.sqrt(found[None, :, 2] * found[None, :, 3]),
    )
    side = np.maximum(*sides)
    centers = expected[:, None, :2] + expected[:, None, 2:] / 2 - found[None, :, :2] - found[None, :, 2:] / 2
    distance = np.hypot(centers[..., 0], centers[..., 1]) / np.maximum(side, 1e-9)
    alike = side <= MAX_SIDE_RATIO * np.minimum(*sides)
    near = np.where(alike & (distance < MAX_DISTANCE), 1 - distance / MAX_DISTANCE, 0.0)
    return np.where(overlap >= MIN_IOU, 1 + overlap, near)


def ious(some: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over union of boxes (n, 4) and (m, 4) as (n, m), 0 to 1.

    Args:
        some: Left, top, width, height of each.
        others: The same.
    """
    start = np.maximum(some[:, None, :2], others[None, :, :2])
    end = np.minimum((some[:, :2] + some[:, 2:])[:, None], (others[:, :2] + others[:, 2:])[None])
    shared = np.clip(end - start, 0, None).prod(axis=2)
    union = some[:, None, 2:].prod(axis=2) + others[None, :, 2:].prod(axis=2) - shared
    shares: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return shares


def _array(boxes: Sequence[Box]) -> NDArray[np.float64]:
    return np.asarray(boxes, np.float64).reshape(-1, 4)


def _center(box: Box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2
