import numpy as np
import pytest

from mien.detection.candidates import Candidates, no_candidates
from mien.detection.view_search import ANGLES, STEPS, Search, search_faces

SEARCH = Search(sides=lambda side: (side // 2,), min_face=lambda side: side / 10, coarse=80, close=160,
                clear=0.9, upright=8.0, rotated=0.85, gain=1.0)  # fmt: skip
UPRIGHT = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.34, 0.8], [0.66, 0.8]])
IMAGE = np.zeros((200, 400, 3), np.uint8)


def face(left, top, side, score=0.95):
    points = (UPRIGHT * side + (left, top))[None].astype(np.float32)
    box = np.array([[left, top, left + side, top + side]], np.float32)
    return Candidates(box, np.array([score], np.float32), points)


class Finder:
    """Returns prepared candidates, one after the other, and records what it is given."""

    def __init__(self, *candidates):
        self.candidates = list(candidates)
        self.seen = []

    def __call__(self, image, min_face):
        self.seen.append((image.shape[:2], min_face))
        return self.candidates.pop(0) if self.candidates else no_candidates()


def test_boxes_and_landmarks_are_in_pixels_of_the_image():
    finder = Finder(face(10, 20, 40))
    (found,) = search_faces(IMAGE, finder, SEARCH)
    assert found.box == pytest.approx((20, 40, 80, 80))
    assert np.array(found.landmarks) == pytest.approx(UPRIGHT * 80 + (20, 40))
    assert found.score == pytest.approx(0.95)
    assert found.tilt == pytest.approx(0, abs=1)
    assert finder.seen == [((100, 200), 20)]


def test_rotated_heads_are_searched_for_if_nothing_is_upright():
    finder = Finder()
    assert search_faces(IMAGE, finder, SEARCH) == []
    assert [min_face for _, min_face in finder.seen] == [20, *[8] * len(ANGLES)]
    assert all(min(shape) > 64 for shape, _ in finder.seen[1:])


def test_a_face_that_only_rotated_views_show_needs_a_higher_score():
    for score, number in ((0.8, 0), (0.86, 1)):
        finder = Finder(no_candidates(), face(40, 40, 40, score))
        assert len(search_faces(IMAGE, finder, SEARCH)) == number


def test_an_unclear_face_is_searched_again_in_its_surroundings():
    finder = Finder(face(10, 20, 40, 0.7), face(40, 40, 80, 0.8))
    (found,) = search_faces(IMAGE, finder, SEARCH)
    # Its surroundings are (0, 0, 140, 160) in the image, and their view is not scaled.
    assert found.box == pytest.approx((40, 40, 80, 80), abs=1)
    assert found.score == pytest.approx(0.8)
    assert finder.seen[1] == (pytest.approx((160, 140), abs=1), 32)
    assert len(finder.seen) == 2 + len(STEPS) + 1


def test_a_face_that_is_clear_in_its_surroundings_needs_no_further_view():
    finder = Finder(face(10, 20, 40, 0.7), face(40, 40, 80, 0.95))
    assert len(search_faces(IMAGE, finder, SEARCH)) == 1
    assert len(finder.seen) == 2


def test_another_face_in_the_surroundings_is_not_returned():
    finder = Finder(face(10, 20, 40, 0.7), face(0, 0, 30, 0.99))
    (found,) = search_faces(IMAGE, finder, SEARCH)
    assert found.box == pytest.approx((20, 40, 80, 80))


@pytest.mark.parametrize(
    "corners",
    [(np.nan, 0, 9, 9), (0, 0, np.inf, 9), (9, 9, 9, 12), (9, 9, 5, 12), (900, 0, 910, 9), (-30, 0, -20, 9)],
)
def test_boxes_without_an_area_in_the_image_are_dropped(corners):
    candidates = face(10, 20, 40)._replace(boxes=np.array([corners], np.float32))
    assert search_faces(IMAGE, Finder(candidates), SEARCH) == []
