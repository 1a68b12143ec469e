"""Tracks: which face of a frame is which face of the frames before. Pure, no pictures.

A detection belongs to the track whose predicted box it overlaps most (IoU; Bochinski et al. 2017,
"High-Speed Tracking-by-Detection Without Using Image Information"), and a track moves on at
constant velocity while nobody looks, so that faces need not be detected in every frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection
from mien.detection.box import Box

OVERLAP: Final = 0.2
"""Least IoU of a detection with the box predicted for a track."""

REACH: Final = 1.2
"""How far a face that moved too fast to overlap may be from where its track was expected, in sides."""

RESIZE: Final = 1.6
"""And by which factor its side may differ."""

MEMORY: Final = 0.4
"""Weight of the old velocity when a new one is seen."""

COAST: Final = 0.5
"""Seconds in which the velocity of an unseen face fades to 37 %: people stop and turn."""


class Tracked(NamedTuple):
    """A face and its track."""

    track: int
    detection: Detection


@dataclass(frozen=True)
class Track:
    """One person, as last seen.

    Attributes:
        number: From 1 on, never reused.
        detection: The last one.
        time: Of that, in seconds.
        velocity: Of the middle of the box, in pixels a second, across and down.
        seen: Whether the last look found it.
    """

    number: int
    detection: Detection
    time: float
    velocity: tuple[float, float] = (0.0, 0.0)
    seen: bool = True

    def at(self, time: float) -> Detection:
        """Return where the face is expected at `time`, slowing down."""
        lasting = COAST * -math.expm1(-max(0.0, time - self.time) / COAST)
        left, top, width, height = self.detection.box
        across, down = self.velocity
        box = Box(left + across * lasting, top + down * lasting, width, height)
        return replace(self.detection, box=box)

    def met(self, detection: Detection, time: float) -> "Track":
        """Return the track after it was seen again."""
        passed = time - self.time
        new = np.subtract(_middle(detection.box), _middle(self.detection.box)) / max(passed, 1e-3)
        old = np.asarray(self.velocity) if any(self.velocity) else new
        across, down = (MEMORY * old + (1 - MEMORY) * new).tolist()
        return Track(self.number, detection, time, (across, down))


class Tracker:
    """Numbers faces from frame to frame.

    Args:
        patience: Seconds for which a face that is not seen keeps its number; one that was seen in
            the last look keeps it in any case.
    """

    def __init__(self, patience: float = 1.0) -> None:
        self._patience = patience
        self._tracks: list[Track] = []
        self._numbers = 0

    def look(self, detections: Sequence[Detection], time: float) -> list[Tracked]:
        """Return the detections of a frame with their tracks, in the order of `detections`.

        Args:
            detections: All faces of the frame.
            time: Of the frame, in seconds; later than that of the last call.
        """
        self._tracks = [t for t in self._tracks if t.seen or time - t.time <= self._patience]
        expected = [track.at(time).box for track in self._tracks]
        pairs = _pairs(expected, [detection.box for detection in detections])
        found = [
            self._tracks[pairs[at]].met(detection, time) if at in pairs else self._new(detection, time)
            for at, detection in enumerate(detections)
        ]
        missed = [replace(t, seen=False) for at, t in enumerate(self._tracks) if at not in pairs.values()]
        self._tracks = found + missed
        return [Tracked(track.number, track.detection) for track in found]

    def expect(self, time: float) -> list[Tracked]:
        """Return where the faces of the last look are expected at `time`, from left to right."""
        seen = [Tracked(track.number, track.at(time)) for track in self._tracks if track.seen]
        return sorted(seen, key=lambda tracked: tracked.detection.box.left)

    def _new(self, detection: Detection, time: float) -> Track:
        self._numbers += 1
        return Track(self._numbers, detection, time)


def _pairs(expected: Sequence[Box], found: Sequence[Box]) -> dict[int, int]:
    """Return the position of the expected box of each found one that has one; best pairs first."""
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
    overlap = overlaps(expected, found)
    sides = (
        np.sqrt(expected[:, None, 2] * expected[:, None, 3]),
        np.sqrt(found[None, :, 2] * found[None, :, 3]),
    )
    side = np.maximum(*sides)
    middles = expected[:, None, :2] + expected[:, None, 2:] / 2 - found[None, :, :2] - found[None, :, 2:] / 2
    distance = np.hypot(middles[..., 0], middles[..., 1]) / np.maximum(side, 1e-9)
    alike = side <= RESIZE * np.minimum(*sides)
    near = np.where(alike & (distance < REACH), 1 - distance / REACH, 0.0)
    return np.where(overlap >= OVERLAP, 1 + overlap, near)


def overlaps(some: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
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


def _middle(box: Box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2
