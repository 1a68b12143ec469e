from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from mien.detection.mtcnn.detector import Mtcnn
from mien.labels import EMOTIONS
from picture_builders import scene

PLACED = [("happy", 20, 30, 120), ("sad", 220, 60, 60), ("surprise", 380, 10, 150)]


@pytest.fixture(scope="module")
def mtcnn():
    return Mtcnn()


def middle(detection):
    left, top, width, height = detection.box
    return left + width / 2, top + height / 2


def assert_found(detections, placed):
    assert len(detections) == len(placed)
    for detection, (_, left, top, side) in zip(detections, placed, strict=True):
        assert middle(detection) == pytest.approx((left + side / 2, top + side / 2), abs=0.2 * side)
        assert 0.5 * side < detection.box.width < 1.1 * side
        assert 0.85 <= detection.score <= 1
        assert abs(detection.tilt) < 15


def test_faces_are_found_from_left_to_right(mtcnn):
    assert_found(mtcnn.detect(scene(PLACED)), PLACED)


def test_landmarks_are_in_pixels_of_the_image(mtcnn):
    for (_, left, top, side), found in zip(PLACED, mtcnn.detect(scene(PLACED)), strict=True):
        points = (np.array(found.landmarks) - (left, top)) / side
        assert points[0, 0] < points[2, 0] < points[1, 0]
        assert 0.2 < points[:2, 1].max() < points[2, 1] < points[3:, 1].min() < 0.95


def test_every_expression_is_found(mtcnn):
    placed = [(emotion, 210 * (i % 3) + 20, 155 * (i // 3) + 10, 140) for i, emotion in enumerate(EMOTIONS)]
    assert len(mtcnn.detect(scene(placed))) == len(placed)


def test_boxes_are_in_pixels_of_a_large_image(mtcnn):
    placed = [("happy", 900, 300, 400)]
    assert_found(mtcnn.detect(scene(placed, (1500, 800))), placed)


@pytest.mark.parametrize("shape", [(480, 640), (1, 1), (1, 5000), (5000, 1), (19, 19), (2, 3)])
def test_nothing_is_found_where_nothing_is(mtcnn, shape):
    assert mtcnn.detect(np.full((*shape, 3), 130, np.uint8)) == []


def test_nothing_is_found_in_a_pattern(mtcnn):
    squares = np.kron(np.indices((8, 8)).sum(0) % 2 * 255, np.ones((25, 25))).astype(np.uint8)
    assert mtcnn.detect(np.repeat(squares[..., None], 3, 2)) == []


@pytest.mark.parametrize("tilt", [-90, -45, 0, 30, 60])
def test_the_face_of_a_photograph_is_found_at_its_tilt(mtcnn, tilt):
    astronaut = pytest.importorskip("skimage.data").astronaut()  # her face: around (224, 120), 110 high
    turn = cv2.getRotationMatrix2D((224, 120), -tilt, 1.0)
    found = mtcnn.detect(cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE))
    (face,) = [one for one in found if middle(one) == pytest.approx((224, 120), abs=25)]
    assert face.tilt == pytest.approx(tilt, abs=10)


def test_threads_find_the_same(mtcnn):
    pictures = [scene(PLACED[:1], (240, 180), seed) for seed in range(3)] * 2
    alone = [mtcnn.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(mtcnn.detect, pictures)) == alone
