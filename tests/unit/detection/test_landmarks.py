import numpy as np
import pytest

from mien.detection.landmarks import landmarks_of, tilt_of


@pytest.mark.parametrize("angle", [-170, -45, 0, 20, 90])
def test_the_tilt_is_that_of_eyes_and_mouth(angle):
    upright = np.array([[-10, -8], [10, -8], [0, 0], [-8, 12], [8, 12]], float)
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    landmarks = upright @ np.array([[cos, sin], [-sin, cos]]) * 3 + (100, 50)  # clockwise, as y points down
    assert tilt_of(landmarks) == pytest.approx(angle)


def test_the_nose_of_a_head_that_looks_aside_is_no_tilt():
    assert tilt_of(np.array([[-10, -8], [10, -8], [9, 1], [-8, 12], [8, 12]], float)) == pytest.approx(0)


def test_landmarks_have_names_and_can_be_shifted():
    points = np.arange(10.0).reshape(5, 2)
    landmarks = landmarks_of(points)
    assert landmarks.nose == (4, 5)
    assert np.array_equal(np.array(landmarks.shifted(3, -1)), points + np.array([3, -1]))
