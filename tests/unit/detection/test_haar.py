from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from mien.detection.haar import Haar
from mien.labels import EMOTIONS
from picture_builders import scene

PLACED = [("happy", 20, 30, 120), ("sad", 220, 60, 90), ("surprise", 380, 10, 150)]


@pytest.fixture(scope="module")
def haar():
    return Haar()


def middle(detection):
    left, top, width, height = detection.box
    return left + width / 2, top + height / 2


def assert_found(detections, placed, tilt=0.0):
    assert len(detections) == len(placed)
    for detection, (_, left, top, size) in zip(detections, placed, strict=True):
        assert middle(detection) == pytest.approx((left + size / 2, top + size / 2), abs=0.15 * size)
        assert 0.6 * size < detection.box.width < 1.2 * size
        assert 0 < detection.score <= 1
        assert detection.tilt == tilt


def test_faces_are_found_from_left_to_right(haar):
    assert_found(haar.detect(scene(PLACED)), PLACED)


@pytest.mark.parametrize("shape", [(480, 640), (1, 1), (1, 5000), (5000, 1), (19, 19), (2, 3)])
def test_nothing_is_found_where_nothing_is(haar, shape):
    assert haar.detect(np.full((*shape, 3), 130, np.uint8)) == []


def test_every_expression_is_found(haar):
    for emotion in EMOTIONS:
        assert_found(haar.detect(scene([(emotion, 60, 40, 110)], (240, 200))), [(emotion, 60, 40, 110)])


def test_boxes_are_in_pixels_of_a_large_image(haar):
    placed = [("happy", 900, 300, 400)]
    assert_found(haar.detect(scene(placed, (1500, 800))), placed)


@pytest.mark.parametrize("tilt", [-25, 25])
def test_a_tilted_head_is_found_by_turning_back(haar, tilt):
    picture = scene([("neutral", 140, 90, 120)], (400, 300))
    turn = cv2.getRotationMatrix2D((199.5, 149.5), -1.6 * tilt, 1.0)  # OpenCV's angles are counterclockwise
    turned = cv2.warpAffine(picture, turn, (400, 300), borderMode=cv2.BORDER_REPLICATE)
    assert_found(haar.detect(turned), [("neutral", 140, 90, 120)], tilt)


@pytest.mark.parametrize("tilt", [-70, -65, -60, -45, -35, -30, -25, 0, 25, 30, 35, 45, 60, 65, 70, 90])
def test_a_photograph_that_is_turned_shows_its_face_on_either_side_and_no_other(haar, tilt):
    astronaut = pytest.importorskip("skimage.data").astronaut()  # her face: around (224, 120), 110 high
    turn = cv2.getRotationMatrix2D((224, 120), -tilt, 1.0)
    found = haar.detect(cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE))
    assert len(found) == (abs(tilt) <= 35)
    for detection in found:
        assert middle(detection) == pytest.approx((224, 120), abs=20)
        assert 80 < detection.box.width < 110


def test_threads_find_the_same(haar):
    pictures = [scene(PLACED[:1], (200, 180), seed) for seed in range(4)] * 2
    alone = [haar.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(haar.detect, pictures)) == alone
