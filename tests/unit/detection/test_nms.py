import numpy as np
import pytest

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.nms import non_maximum_suppression, overlaps, suppress


def found(left, top, side, score=0.9):
    return Detection(Box(left, top, side, side), score)


def test_nothing_stays_nothing():
    assert suppress([]) == []
    assert non_maximum_suppression(np.empty((0, 4)), np.empty(0), 0.5, "union").shape == (0,)


def test_of_one_face_only_the_highest_score_stays():
    one, best, shifted = found(10, 10, 40, 0.7), found(12, 9, 42, 0.9), found(15, 15, 40, 0.8)
    assert suppress([one, best, shifted]) == [best]


def test_a_false_box_inside_a_face_is_removed():
    face, nostril = found(10, 10, 100, 0.9), found(50, 60, 12, 0.7)
    assert suppress([nostril, face]) == [face]


def test_touching_neighbors_both_stay():
    left, right = found(10, 10, 40, 0.7), found(40, 10, 40, 0.9)
    assert suppress([right, left]) == [left, right]


def test_the_order_is_from_left_to_right_by_centers():
    wide, far, near = found(0, 0, 100), found(300, 0, 10), found(110, 50, 20)
    assert suppress([far, near, wide]) == [wide, near, far]


@pytest.mark.parametrize(
    ("other", "of_smaller", "of_union"),
    [((0, 0, 10, 10), 1, 1), ((5, 0, 15, 10), 0.5, 1 / 3), ((20, 0, 25, 5), 0, 0), ((2, 2, 3, 3), 1, 0.01),
     ((3, 3, 3, 3), 0, 0)],
)  # fmt: skip
def test_the_intersection_is_divided_by_the_smaller_box_or_the_union(other, of_smaller, of_union):
    box, others = np.array([0.0, 0, 10, 10]), np.array([other], float)
    for one, rest in ((box, others), (others[0], box[None])):
        assert overlaps(one, rest) == pytest.approx(of_smaller)
        assert overlaps(one, rest, "union") == pytest.approx(of_union)


@pytest.mark.parametrize("overlap", ["union", "smaller"])
def test_boxes_are_kept_by_falling_score_as_in_the_definition(overlap):
    rng = np.random.default_rng(0)
    boxes = np.tile(rng.integers(0, 60, (80, 2)), 2) + np.hstack(
        [np.zeros((80, 2)), rng.integers(5, 40, (80, 2))]
    )
    scores = rng.random(80)
    expected = []
    for index in np.argsort(-scores):
        if all(overlaps(boxes[index], boxes[[kept]], overlap)[0] <= 0.4 for kept in expected):
            expected.append(index)
    assert non_maximum_suppression(boxes, scores, 0.4, overlap).tolist() == expected
