import cv2
import numpy as np
import pytest

from mien.detection.crops import crop_faces
from mien.detection.whole import WholeImage


@pytest.mark.parametrize("shape", [(48, 48), (100, 30), (1, 1), (1, 5000)])
def test_each_image_is_one_face(shape):
    (face,) = WholeImage().detect(np.zeros((*shape, 3), np.uint8))
    assert face.box == (0, 0, shape[1], shape[0])
    assert (face.score, face.tilt) == (1.0, 0.0)


def test_a_face_of_the_networks_size_arrives_bit_by_bit():
    face = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    whole = WholeImage()
    found = crop_faces(face, whole.detect(cv2.cvtColor(face, cv2.COLOR_GRAY2RGB)), 48, whole.framing)
    assert np.array_equal(found[0], face)


def test_other_proportions_are_stretched():
    picture = np.repeat(np.arange(48, dtype=np.uint8) * 5, 10)[:, None].repeat(48, axis=1)
    whole = WholeImage()
    found = crop_faces(picture, whole.detect(np.dstack([picture] * 3)), 48, whole.framing)[0]
    assert np.array_equal(found[:, 7], np.arange(48) * 5)
