import numpy as np
import pytest

from mien.data.extraction import extract_face
from mien.data.reading import FaceShape
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.crops import crop_faces
from mien.detection.provided.boxes import ProvidedBoxes
from mien.media.images.pixels import with_channels
from mien.media.images.reading import decode
from photo_builders import LevelDetector, photo

TWO = photo((10, 20, 24, 150), (60, 30, 32, 200))


class Framed(LevelDetector):
    framing = Framing(1.4, 0.1)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_largest_face_is_cropped_as_in_recognition(channels):
    found = extract_face(TWO, FaceShape(48, channels, Framed()))
    image = with_channels(decode(TWO), channels)
    expected = crop_faces(image, [Detection(Box(60, 30, 32, 32), 0.9)], 48, Framed.framing)
    assert np.array_equal(found.face, expected[0])
    assert (found.width, found.height, found.detected) == (120, 90, 2)


def test_an_image_without_a_face_has_none():
    found = extract_face(photo(), FaceShape(48, 1, LevelDetector()))
    assert found.face is None
    assert found.detected == 0


@pytest.mark.parametrize("detector", [None, LevelDetector()])
def test_a_box_needs_no_detector_and_is_framed_as_in_recognition_where_faces_are_detected(detector):
    found = extract_face(TWO, FaceShape(48, 1, detector), (10, 20, 24, 24))
    framing = Framing() if detector is None else ProvidedBoxes.framing
    expected = crop_faces(with_channels(decode(TWO), 1), [Detection(Box(10, 20, 24, 24), 1.0)], 48, framing)
    assert np.array_equal(found.face, expected[0])
    assert found.detected is None
    assert detector is None or detector.images == 0
