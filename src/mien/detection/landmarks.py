"""Eyes, nose and mouth corners of a face, and the tilt of the head that they show."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Point(NamedTuple):
    """A point in pixels of the upright image."""

    x: float
    y: float


class Landmarks(NamedTuple):
    """Five points of a face. Right and left are the subject's: the right eye is left in the image."""

    right_eye: Point
    left_eye: Point
    nose: Point
    right_mouth: Point
    left_mouth: Point

    def shifted(self, right: float, down: float) -> "Landmarks":
        """Return the landmarks moved by an offset in pixels."""
        return Landmarks(*(Point(x + right, y + down) for x, y in self))


TEMPLATE: Final = np.array([-0.5 - 0.4j, 0.5 - 0.4j, -0.4 + 0.6j, 0.4 + 0.6j])
"""Eyes and mouth corners of an upright face, x + iy, in distances between the eyes."""

FITTED: Final = (0, 1, 3, 4)
"""Positions of these points in `Landmarks`. The nose is left out: it moves sideways when a head turns."""


def landmarks_of(points: NDArray[np.floating]) -> Landmarks:
    """Return points (5, 2) in the order of `Landmarks` as landmarks."""
    return Landmarks(*(Point(float(x), float(y)) for x, y in points))


def tilt_of(points: NDArray[np.floating]) -> float:
    """Return the degrees by which a face is rotated clockwise.

    The angle of the least-squares similarity from an upright face (Umeyama 1991, in the plane).

    Args:
        points: (5, 2), x and y in the order of `Landmarks`.
    """
    complex_points = points[list(FITTED)] @ np.array([1, 1j])
    fit = np.vdot(TEMPLATE - TEMPLATE.mean(), complex_points - complex_points.mean())
    return math.degrees(np.angle(fit))
