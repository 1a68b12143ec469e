import numpy as np
import pytest

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.landmarks import Landmarks, Point
from mien.detection.moves import scaled, shifted, turned, turned_back

POINTS = Landmarks(Point(12, 23), Point(16, 23), Point(14, 26), Point(13, 29), Point(15, 29))
FACE = Detection(Box(10, 20, 8, 12), 0.9, 5.0, POINTS)


def test_a_shift_moves_box_and_landmarks():
    moved = shifted(FACE, -10, 3)
    assert moved.box == Box(0, 23, 8, 12)
    assert moved.landmarks.nose == Point(4, 29)
    assert (moved.score, moved.tilt) == (0.9, 5.0)


def test_scaling_has_a_factor_for_each_axis():
    moved = scaled(FACE, 2, 0.5)
    assert moved.box == Box(20, 10, 16, 6)
    assert moved.landmarks.right_eye == Point(24, 11.5)


def test_detections_without_landmarks_stay_so():
    plain = Detection(Box(1, 2, 3, 4), 0.5)
    assert shifted(plain, 1, 1).landmarks is scaled(plain, 2, 2).landmarks is None
    assert turned_back(plain, 1, 40, 30).landmarks is None


@pytest.mark.parametrize(("quarters", "tilt"), [(0, 0), (1, 90), (2, -180), (3, -90)])
def test_a_detection_in_a_turned_image_is_mapped_to_the_same_pixels(quarters, tilt):
    image = np.zeros((30, 40, 3), np.uint8)
    image[4:10, 25:33] = 255
    rows, columns = np.nonzero(turned(image, quarters)[..., 0])
    left, top = float(columns.min()), float(rows.min())
    box = Box(left, top, columns.max() + 1 - left, rows.max() + 1 - top)
    corner = Point(*turned_corner(quarters))
    found = turned_back(Detection(box, 0.9, 0.0, Landmarks(*[corner] * 5)), quarters, 40, 30)
    assert found.box == Box(25, 4, 8, 6)
    assert found.tilt == tilt
    assert found.landmarks.nose == Point(25, 4)


def turned_corner(quarters):
    """The corner (25, 4) of an image of 40x30 pixels in the turned image."""
    return [(25, 4), (4, 15), (15, 26), (26, 25)][quarters]
