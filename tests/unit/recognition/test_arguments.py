import numpy as np
import pytest

import mien
from mien.detection.base import Detection
from mien.detection.box import Box
from mien.errors import ImageError
from mien.recognition.arguments import require_crops, require_faces

IMAGE = np.zeros((60, 80, 3), np.uint8)
FOUND = [Detection(Box(1, 2, 30, 30), 1.0)]


@pytest.mark.parametrize("shape", [(0, 48, 48), (2, 20, 20), (1, 48, 48, 3)])
def test_cropped_faces_are_squares_in_gray_or_color(shape):
    faces = np.zeros(shape, np.uint8)
    assert require_faces(faces) is faces


@pytest.mark.parametrize(
    ("faces", "found"),
    [
        (np.zeros((48, 48), np.uint8), r"uint8 \(48, 48\)"),
        (np.zeros((1, 48, 40), np.uint8), r"uint8 \(1, 48, 40\)"),
        (np.zeros((1, 0, 0), np.uint8), r"uint8 \(1, 0, 0\)"),
        (np.zeros((1, 48, 48, 4), np.uint8), r"uint8 \(1, 48, 48, 4\)"),
        (np.zeros((1, 48, 48)), r"float64 \(1, 48, 48\)"),
        ([1], "list"),
    ],
)
def test_other_arrays_are_no_cropped_faces(faces, found):
    with pytest.raises(ImageError, match=f"expected faces as uint8.*, got {found}$"):
        require_faces(faces)


@pytest.mark.parametrize(
    ("image", "detections", "framing", "expected"),
    [
        (IMAGE, FOUND[0], None, "a list of detections"),
        (IMAGE, [(1, 2, 30, 30)], None, "a list of detections"),
        (IMAGE[..., 0], FOUND, None, "an image as an array"),
        (IMAGE.astype(float), FOUND, None, "an image as an array"),
        ("photo.jpg", FOUND, None, "an image as an array"),
        (IMAGE[:0], FOUND, None, "an image with pixels"),
        (IMAGE, FOUND, 3.0, "a Framing or None"),
    ],
)
def test_what_can_not_be_cropped_is_refused(image, detections, framing, expected):
    with pytest.raises(ImageError, match=f"^crops: expected .*{expected}"):
        require_crops(image, detections, framing)


@pytest.mark.parametrize("detections", [FOUND, ()])
def test_detections_in_an_image_can_be_cropped(detections):
    assert len(mien.load(detector="whole").crops(IMAGE, detections)) == len(detections)
