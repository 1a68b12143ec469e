import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.recognition.tracking.tracker import Tracker, ious


def face(left, top=0.0, size=40.0, tilt=0.0):
    return Detection(Box(left, top, size, size), 0.9, tilt)


def numbers(tracked):
    return [one.track for one in tracked]


def walks(tracker, paths, *, fps=25.0, detect_every=1):
    """Move faces along functions of time for two seconds; return the numbers of each frame, in path order."""
    seen = []
    for frame in range(int(2 * fps)):
        time = frame / fps
        if frame % detect_every == 0:
            seen.append(numbers(tracker.update([face(*path(time)) for path in paths], time)))
    return seen


def test_numbers_begin_at_one_in_the_order_of_the_detections():
    assert numbers(Tracker().update([face(0), face(100), face(50)], 0.0)) == [1, 2, 3]


def test_detections_come_back_as_they_were():
    tilted = face(3, tilt=12.0)
    assert Tracker().update([tilted], 0.0)[0].detection is tilted


def test_nothing_is_nothing():
    tracker = Tracker()
    assert tracker.update([], 0.0) == []
    assert tracker.predict(1.0) == []


@pytest.mark.parametrize("detect_every", [1, 3, 5])
@pytest.mark.parametrize("speed", [0, 30, 200])
def test_a_face_keeps_its_number_while_it_moves(detect_every, speed):
    seen = walks(Tracker(), [lambda time: (speed * time,), lambda time: (400 + speed * time, 10)],
                 detect_every=detect_every)  # fmt: skip
    assert seen == [[1, 2]] * len(seen)


def test_people_who_cross_keep_their_numbers():
    paths = [lambda time: (100 * time, 0), lambda time: (200 - 100 * time, 10)]
    seen = walks(Tracker(), paths)
    assert seen == [[1, 2]] * len(seen)


def test_one_who_is_hidden_while_crossing_comes_out_at_the_other_side():
    tracker = Tracker()
    for frame in range(50):
        time = frame / 25
        front, behind = face(80 * time), face(160 - 80 * time)
        hidden = abs(front.box.left - behind.box.left) < 20
        seen = tracker.update([front] if hidden else [front, behind], time)
        assert numbers(seen) == ([1] if hidden else [1, 2])


@pytest.mark.parametrize("fps", [5, 25, 60])
def test_patience_is_in_seconds_whatever_the_frame_rate(fps):
    for gap, number in ((0.8, 1), (1.3, 2)):
        tracker = Tracker(max_age=1.0)
        tracker.update([face(0)], 0.0)
        for frame in range(1, int(gap * fps)):
            assert tracker.update([], frame / fps) == []
        assert numbers(tracker.update([face(0)], gap)) == [number]


def test_rare_detections_keep_the_track_of_a_still_face():
    tracker = Tracker(max_age=1.0)
    assert [numbers(tracker.update([face(0)], 10.0 * at)) for at in range(3)] == [[1]] * 3


def test_a_face_that_is_gone_never_gives_its_number_away():
    tracker = Tracker(max_age=0.5)
    seen = [numbers(tracker.update([face(0)] if at % 2 else [], 1.0 * at)) for at in range(8)]
    assert seen == [[], [1], [], [2], [], [3], [], [4]]


def test_far_away_is_somebody_else():
    tracker = Tracker()
    tracker.update([face(0)], 0.0)
    assert numbers(tracker.update([face(300)], 0.04)) == [2]


def test_another_size_at_the_same_place_is_somebody_else():
    tracker = Tracker()
    tracker.update([face(0, size=20)], 0.0)
    assert numbers(tracker.update([face(-90, -90, size=200)], 0.04)) == [2]


def test_between_detections_tracks_are_extrapolated_and_slow_down():
    tracker = Tracker()
    for at in range(5):
        tracker.update([face(10.0 * at, tilt=7.0)], 0.1 * at)
    (soon,), (later,), (much_later,) = (tracker.predict(time) for time in (0.42, 0.5, 60.0))
    assert soon.track == 1
    assert soon.detection.box.left == pytest.approx(42, abs=0.1)
    assert later.detection.box.left == pytest.approx(50, abs=2)
    assert later.detection.tilt == 7.0
    assert later.detection.box[2:] == (40, 40)
    assert 80 < much_later.detection.box.left < 100


def test_who_was_not_found_is_not_expected():
    tracker = Tracker()
    tracker.update([face(0), face(100)], 0.0)
    tracker.update([face(100)], 0.1)
    assert numbers(tracker.predict(0.15)) == [2]


def test_the_expected_come_from_left_to_right():
    tracker = Tracker()
    tracker.update([face(200), face(0)], 0.0)
    assert numbers(tracker.predict(0.1)) == [2, 1]


def test_overlaps_of_known_boxes():
    some_boxes = np.array([[0, 0, 10, 10], [5, 0, 10, 10], [100, 100, 5, 5], [0, 0, 0, 0]], float)
    expected = [[1, 1 / 3, 0, 0], [1 / 3, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert ious(some_boxes, some_boxes) == pytest.approx(np.array(expected))
    assert ious(np.zeros((0, 4)), some_boxes).shape == (0, 4)


places = some.floats(-100, 500)
boxes = some.builds(Box, places, places, some.floats(0, 200), some.floats(0, 200))
looks = some.lists(some.lists(some.builds(Detection, boxes, some.just(0.9)), max_size=5), max_size=8)


@given(looks, some.floats(0.01, 3))
def test_numbers_are_unique_in_a_frame_and_new_ones_only_grow(frames, step):
    tracker, known = Tracker(), 0
    for at, detections in enumerate(frames):
        tracked = tracker.update(detections, at * step)
        assert [one.detection for one in tracked] == detections
        seen = numbers(tracked)
        assert len(set(seen)) == len(seen)
        new = [number for number in seen if number > known]
        assert new == list(range(known + 1, known + 1 + len(new)))
        known += len(new)
        assert sorted(numbers(tracker.predict((at + 0.5) * step))) == sorted(seen)
