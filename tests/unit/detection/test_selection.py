import math

import numpy as np
import pytest

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.landmarks import Landmarks, Point
from mien.detection.reliability import LOW_SCORE, ScoreLimits
from mien.detection.selection import SEARCHED_SIZE, SelectingDetector, Selection, detect_any_orientation
from mien.errors import DetectorError

IMAGE = np.zeros((120, 160, 3), np.uint8)
SMALL, NARROW, LARGE = Box(0, 0, 10, 12), Box(20, 0, 9, 50), Box(90, 40, 30, 30)
FOUND = [Detection(SMALL, 0.9), Detection(NARROW, 0.7), Detection(LARGE, 0.8)]


class Fixed:
    """Returns the same faces for each image, and remembers the shapes of the images."""

    name, framing = "fixed", Framing(1.5)

    def __init__(self, *found):
        self.found, self.shapes = found, []

    def detect(self, image):
        self.shapes.append(image.shape)
        return list(self.found)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [SMALL, NARROW, LARGE]),
        ({"min_face": 10}, [SMALL, LARGE]),
        ({"min_face": 31}, []),
        ({"threshold": 0.8}, [SMALL, LARGE]),
        ({"largest": True}, [LARGE]),
        ({"max_faces": 1}, [LARGE]),
        ({"max_faces": 2}, [NARROW, LARGE]),
        ({"max_faces": 9}, [SMALL, NARROW, LARGE]),
        ({"largest": True, "threshold": 0.85}, [SMALL]),
        ({"largest": True, "max_faces": 1}, [LARGE]),
    ],
)
def test_faces_are_selected_in_their_order(options, expected):
    detector = SelectingDetector(Fixed(*FOUND), Selection(**options))
    assert [one.box for one in detector.detect(IMAGE)] == expected


def test_faces_of_a_reduced_image_are_in_pixels_of_the_whole_one():
    fixed = Fixed(*FOUND)
    detector = SelectingDetector(fixed, Selection(min_face=23))
    assert [one.box for one in detector.detect(IMAGE, (4.0, 2.0))] == [
        Box(0, 0, 40, 24),
        Box(80, 0, 36, 100),
        Box(360, 80, 120, 60),
    ]
    SelectingDetector(fixed, Selection(min_face=2 * SEARCHED_SIZE)).detect(IMAGE, (2.0, 2.0))
    assert fixed.shapes[-1] == IMAGE.shape  # the smallest face has enough pixels already


def test_the_size_that_its_detector_searches_is_known_or_none():
    fixed = Fixed()
    assert SelectingDetector(fixed).longest is None
    fixed.longest = 640
    assert SelectingDetector(fixed).longest == 640


@pytest.mark.parametrize(
    "options",
    [
        {"min_face": -1}, {"min_face": math.nan}, {"min_face": math.inf}, {"min_face": "40"},
        {"max_faces": 0}, {"max_faces": 1.5}, {"max_faces": True},
        {"threshold": 1.1}, {"threshold": math.nan}, {"threshold": "high"},
        {"largest": True, "max_faces": 2},
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused(options):
    with pytest.raises(DetectorError, match=r"expected|contradicts"):
        Selection(**options)


def test_it_has_the_name_and_framing_of_its_detector():
    detector = SelectingDetector(Fixed())
    assert (detector.name, detector.framing) == ("fixed", Framing(1.5))
    assert detector.detect(IMAGE) == []


@pytest.mark.parametrize(
    ("min_face", "shape"), [(0, (120, 160, 3)), (SEARCHED_SIZE, (120, 160, 3)), (96, (60, 80, 3))]
)
def test_large_faces_are_searched_in_a_reduced_image(min_face, shape):
    inner = Fixed(Detection(Box(10, 5, 60, 50), 0.9, 3.0, Landmarks(*[Point(20, 30)] * 5)))
    (found,) = SelectingDetector(inner, Selection(min_face=min_face)).detect(IMAGE)
    assert inner.shapes == [shape]
    factor = 120 / shape[0]
    assert found.box == Box(10 * factor, 5 * factor, 60 * factor, 50 * factor)
    assert found.landmarks.nose == Point(20 * factor, 30 * factor)
    assert found.tilt == 3.0


def test_boxes_with_a_low_score_are_the_last_of_the_largest():
    found = [Detection(SMALL, 0.9), Detection(LARGE, 0.6)]
    assert Selection(largest=True).of(found) == found[1:]
    assert Selection(largest=True).of(found, low=0.7) == found[:1]
    assert Selection(largest=True).of(found[1:], low=0.7) == found[1:]


def test_doubtful_faces_are_marked():
    class Limited(Fixed):
        score_limits = ScoreLimits(0.75, 0.75)

    found = SelectingDetector(Limited(*FOUND)).detect(IMAGE)
    assert [one.doubt for one in found] == [None, LOW_SCORE, None]
    assert [one.doubt for one in SelectingDetector(Fixed(*FOUND)).detect(IMAGE)] == [None] * 3


class Tall:
    """Finds upright faces: white areas that are higher than wide; the marked end is their top.

    The score is that of the gray level; 255 is 1.
    """

    name, framing = "tall", Framing()
    score_limits = ScoreLimits(0.5, 0.9)

    def __init__(self):
        self.searched = 0

    def detect(self, image):
        self.searched += 1
        found = []
        for color in (0, 1):
            rows, columns = np.nonzero(image[..., color])
            if len(rows):
                box = Box(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
                top = image[int(box.top), int(box.left), color] > image[rows.max(), columns.max(), color]
                if box.height > box.width and top:
                    found.append(Detection(Box(*map(float, box)), image[..., color].max() / 255))
        return sorted(found, key=lambda one: one.box.left)


def person(image, box, quarters, color, level):
    """Draw an upright face into an image that is turned clockwise by `quarters`, and return the image."""
    upright = np.rot90(image, quarters).copy()
    left, top, width, height = box
    upright[top : top + height, left : left + width, color] = level // 2
    upright[top : top + height // 2, left : left + width, color] = level
    return np.ascontiguousarray(np.rot90(upright, -quarters))


@pytest.mark.parametrize(("quarters", "tilt"), [(0, 0), (1, 90), (2, -180), (3, -90)])
def test_a_turned_image_has_upright_faces_in_another_orientation(quarters, tilt):
    image = person(IMAGE, (20, 30, 20, 30), quarters, 0, 250)
    detector = Tall()
    (found,) = detect_any_orientation(detector, image)
    assert found.tilt == tilt
    assert detector.searched == (4 if quarters else 1)
    rows, columns = np.nonzero(image[..., 0])
    assert found.box == (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert len(SelectingDetector(Tall(), Selection(any_orientation=True)).detect(image)) == 1
    assert len(SelectingDetector(Tall()).detect(image)) == (0 if quarters else 1)


@pytest.mark.parametrize(
    ("upright", "other", "levels"),
    [
        (200, 240, [240]),  # no clear face upright: the other orientation is that of the image
        (200, 180, [200]),  # no clear face at all
        (0, 180, [180]),
        (240, 235, [240]),  # clear upright faces: the others are not searched
    ],
)
def test_the_orientation_of_the_image_is_that_of_its_clear_faces(upright, other, levels):
    image = person(person(IMAGE, (20, 30, 20, 30), 0, 0, upright), (20, 30, 20, 30), 2, 1, other)
    found = detect_any_orientation(Tall(), image)
    assert [round(one.score * 255) for one in found] == levels


def test_a_face_is_returned_in_the_orientation_with_the_highest_score():
    class Twice(Fixed):
        score_limits = ScoreLimits(0.5, 0.9)

        def detect(self, image):
            self.shapes.append(image.shape)
            return [Detection(Box(50, 30, 60, 60), (0.7, 0.95, 0.6, 0.6)[len(self.shapes) - 1])]

    (found,) = detect_any_orientation(Twice(), IMAGE)
    assert (found.score, found.tilt) == (0.95, -180)
