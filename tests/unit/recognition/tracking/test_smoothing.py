import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mien.recognition.tracking.smoothing import MAX_AGE, Smoother

LOW, HIGH = np.array([[0.9, 0.1]]), np.array([[0.1, 0.9]])


def step(fps, tau=0.5, seconds=2.0):
    """Probability of the second class, `seconds` after a face began to change from LOW to HIGH."""
    smoother = Smoother(tau)
    smoother([1], LOW, 0.0)
    values = [smoother([1], HIGH, frame / fps)[0, 1] for frame in range(1, round(seconds * fps) + 1)]
    return values[-1]


@pytest.mark.parametrize("fps", [10, 25, 60])
@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.0])
def test_the_curve_does_not_depend_on_the_frame_rate(fps, seconds):
    assert step(fps, seconds=seconds) == pytest.approx(0.1 + 0.8 * (1 - np.exp(-seconds / 0.5)))


def test_dropped_frames_change_nothing():
    even, uneven = Smoother(0.5), Smoother(0.5)
    even([1], LOW, 0.0)
    uneven([1], LOW, 0.0)
    for time in (0.1, 0.2, 0.3, 0.4):
        steady = even([1], HIGH, time)
    uneven([1], HIGH, 0.1)
    assert uneven([1], HIGH, 0.4) == pytest.approx(steady)


def test_zero_is_off():
    smoother = Smoother(0.0)
    smoother([1], LOW, 0.0)
    assert np.array_equal(smoother([1], HIGH, 0.001), HIGH)


def test_each_track_is_smoothed_for_itself_in_any_order():
    smoother = Smoother(1e6)
    smoother([1, 2], np.concatenate([LOW, HIGH]), 0.0)
    assert smoother([2, 1], np.concatenate([LOW, LOW]), 0.1)[:, 1] == pytest.approx([0.9, 0.1], abs=1e-5)


def test_a_new_face_begins_as_it_is():
    smoother = Smoother(10.0)
    smoother([1], LOW, 0.0)
    assert np.array_equal(smoother([2], HIGH, 0.1), HIGH)


def test_no_faces():
    assert Smoother(0.5)([], np.zeros((0, 7)), 0.0).shape == (0, 7)


def test_who_was_not_seen_for_long_is_forgotten():
    smoother = Smoother(1e6)
    smoother([1], LOW, 0.0)
    assert smoother([1], HIGH, MAX_AGE)[0, 1] == pytest.approx(0.1, abs=1e-4)
    smoother([2], HIGH, 3 * MAX_AGE)
    assert np.array_equal(smoother([1], HIGH, 3 * MAX_AGE), HIGH)


@given(some.lists(some.lists(some.floats(0.01, 1), min_size=3, max_size=3), min_size=1), some.floats(0, 10))
def test_rows_sum_to_one(rows, tau):
    smoother = Smoother(tau)
    for at, row in enumerate(rows):
        given_row = np.array([row]) / sum(row)
        assert smoother([1], given_row.astype(np.float32), at * 0.04).sum() == pytest.approx(1, abs=1e-6)
