from pathlib import Path

import numpy as np
import pytest

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.options import DetectorOptions
from mien.errors import DetectorError
from mien.evaluation.shifts.detected import available_detectors, detect_again

FACES = np.random.default_rng(0).integers(0, 255, (6, 48, 48), np.uint8)


class Center:
    """Finds the face in the center, in images of some sizes only, and another one beside it."""

    name = "center"
    framing = Framing()

    def __init__(self, sides=(48, 68, 96, 136, 192)):
        self.sides = sides

    def detect(self, image):
        side = len(image)
        assert image.shape == (side, side, 3)
        corner = Detection(Box(0, 0, side / 8, side / 8), 0.99)
        middle = Detection(Box(side / 4, side / 4, side / 2, side / 2), 0.9)
        return [corner, middle] if side in self.sides else [corner]


def test_crops_are_of_the_face_in_the_center():
    done = []
    (found,) = detect_again(FACES, [Center()], lambda *step: done.append(step))
    assert found.detector == "center"
    assert found.rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.crops.shape == FACES.shape
    assert done == [(number, 6) for number in range(1, 7)]


def test_faces_that_are_not_found_are_left_out():
    both = detect_again(FACES, [Center((96,)), Center(())])
    assert [one.rows.tolist() for one in both] == [[2], []]
    assert both[0].crops.shape == (1, 48, 48)
    assert both[1].crops.shape == (0, 48, 48)


def test_the_face_itself_comes_back_upright():
    faces = np.repeat(FACES[:1], 13, axis=0)
    (found,) = detect_again(faces, [Center((96,))])
    assert found.rows.tolist() == [2, 7, 12]
    np.testing.assert_array_equal(found.crops[2], FACES[0])  # the 13th view has scale 1 and no tilt


def test_yunet_is_used_where_its_file_is(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    monkeypatch.delenv("MIEN_YUNET", raising=False)
    notices = []
    (only,) = available_detectors(DetectorOptions(notice=notices.append))
    assert only.name == "mtcnn"
    assert "without the detector yunet" in notices[0]
    with pytest.raises(DetectorError, match=r"none\.onnx"):
        available_detectors(DetectorOptions(model=Path("none.onnx")))
    monkeypatch.setenv("MIEN_YUNET", "other.onnx")
    with pytest.raises(DetectorError, match=r"other\.onnx"):
        available_detectors(DetectorOptions())
