import pytest

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.nms import overlap, suppress


def found(left, top, side, score=0.9):
    return Detection(Box(left, top, side, side), score)


def test_nothing_stays_nothing():
    assert suppress([]) == []


def test_of_one_face_only_the_highest_score_stays():
    one, surer, shifted = found(10, 10, 40, 0.7), found(12, 9, 42, 0.9), found(15, 15, 40, 0.8)
    assert suppress([one, surer, shifted]) == [surer]


def test_a_false_box_inside_a_face_goes():
    face, nostril = found(10, 10, 100, 0.9), found(50, 60, 12, 0.7)
    assert suppress([nostril, face]) == [face]


def test_neighbors_who_touch_both_stay():
    left, right = found(10, 10, 40, 0.7), found(40, 10, 40, 0.9)
    assert suppress([right, left]) == [left, right]


def test_they_go_from_left_to_right_by_their_middles():
    wide, far, near = found(0, 0, 100), found(300, 0, 10), found(110, 50, 20)
    assert suppress([far, near, wide]) == [wide, near, far]


@pytest.mark.parametrize(
    ("other", "part"), [((0, 0, 10, 10), 1), ((5, 0, 10, 10), 0.5), ((20, 0, 5, 5), 0), ((2, 2, 1, 1), 1)]
)
def test_what_is_shared_is_a_part_of_the_smaller_box(other, part):
    assert overlap(Box(0, 0, 10, 10), Box(*other)) == overlap(Box(*other), Box(0, 0, 10, 10)) == part
