from dataclasses import replace

import numpy as np
import pytest

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.mtcnn.detector import Mtcnn
from mien.detection.reliability import LOW_SCORE, ORIENTATION, ScoreLimits, doubts_of, limits_of
from mien.detection.selection import SelectingDetector, Selection


class Arrow:
    """Finds a white square; its score depends on the side of the square that a red bar is at.

    Args:
        scores: With the bar above, right, below and left of the square.
    """

    name, framing = "arrow", Framing()
    score_limits = ScoreLimits(0.5, 0.9)

    def __init__(self, *scores):
        self.scores = scores
        self.searched = 0

    def detect(self, image):
        self.searched += 1
        rows, columns = np.nonzero(image[..., 1])
        if not len(rows):
            return []
        left, top = int(columns.min()), int(rows.min())
        right, bottom = int(columns.max()) + 1, int(rows.max()) + 1
        red = image[..., 0] > image[..., 1]
        sides = red[:top].any(), red[:, right:].any(), red[bottom:].any(), red[:, :left].any()
        score = self.scores[sides.index(True)]
        box = Box(left, top, right - left, bottom - top)
        return [Detection(box, score)] if score else []


def scene(quarters=0):
    """An image with a bar above the square, turned clockwise."""
    image = np.zeros((60, 80, 3), np.uint8)
    image[20:40, 30:50] = 255
    image[14:18, 30:50, 0] = 255
    return np.ascontiguousarray(np.rot90(image, -quarters))


@pytest.mark.parametrize(
    ("scores", "quarters", "doubt"),
    [
        ((0.95, 0.99, 0.99, 0.99), 0, None),  # clear: nothing is compared
        ((0.4, 0.0, 0.0, 0.0), 0, LOW_SCORE),
        ((0.4, 0.0, 0.8, 0.0), 0, LOW_SCORE),
        ((0.95, 0.0, 0.4, 0.0), 2, ORIENTATION),
        ((0.8, 0.3, 0.7, 0.0), 0, None),
        ((0.95, 0.0, 0.8, 0.0), 2, ORIENTATION),
        ((0.95, 0.8, 0.0, 0.0), 1, ORIENTATION),
        ((0.95, 0.0, 0.0, 0.8), 3, ORIENTATION),
        ((0.82, 0.0, 0.8, 0.0), 2, None),  # no clear difference
    ],
)
def test_doubts(scores, quarters, doubt):
    image, detector = scene(quarters), Arrow(*scores)
    assert doubts_of(detector, image, detector.detect(image)) == [doubt]


def test_only_boxes_that_are_not_clear_cost_a_search():
    for score, searched in ((0.95, 0), (0.4, 3), (0.8, 3)):
        detector = Arrow(score, 0, 0, 0)
        found = detector.detect(scene())
        detector.searched = 0
        doubts_of(detector, scene(), found)
        assert detector.searched == searched
        doubts_of(detector, scene(), found, compare=False)
        assert detector.searched == searched


def test_scores_of_other_detectors_have_no_limits():
    class Plain:
        name, framing = "plain", Framing()

        def detect(self, image):
            return []

    assert limits_of(Plain()) == ScoreLimits(0, 0)
    assert doubts_of(Plain(), scene(), [Detection(Box(0, 0, 9, 9), 0.01)]) == [None]


def test_a_clear_upright_face_makes_the_comparison_of_others_unnecessary():
    image, detector = scene(2), Arrow(0.95, 0.0, 0.8, 0.0)
    found = detector.detect(image)
    clear = Detection(Box(0, 0, 9, 9), 0.95)
    assert doubts_of(detector, image, [*found, clear]) == [None, None]
    assert doubts_of(detector, image, [*found, replace(clear, tilt=90.0)]) == [ORIENTATION, None]


def test_three_faces_are_compared_and_stand_for_the_others():
    for scores, doubt in ((0.95, 0.0, 0.8, 0.0), ORIENTATION), ((0.3, 0.0, 0.8, 0.0), None):
        image, detector = scene(2), Arrow(*scores)
        (found,) = detector.detect(image)
        small = [Detection(Box(at, 0, 2, 2), 0.6) for at in range(20)]
        detector.searched = 0
        assert doubts_of(detector, image, [*small, found]) == [None, None, *[doubt] * 19]
        assert detector.searched <= 9


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_turned_photograph_gets_doubts_or_its_true_tilt(quarters):
    astronaut = pytest.importorskip("skimage.data").astronaut()[:256, 96:352]
    image = np.ascontiguousarray(np.rot90(astronaut, -quarters))
    tilt = 90 * quarters
    detector = Mtcnn()
    (turned,) = SelectingDetector(detector, Selection(any_orientation=True, largest=True)).detect(image)
    assert (turned.doubt, abs((turned.tilt - tilt + 180) % 360 - 180) < 20) == (None, True)
    for one in SelectingDetector(detector).detect(image):
        assert one.doubt or abs((one.tilt - tilt + 180) % 360 - 180) < 20
