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


def test_the_aspect_ratio_is_kept():
    image = np.tile(np.arange(72, dtype=np.uint8) * 3, (32, 1))  # 72 x 32 has the area of 48 x 48
    whole = WholeImage()
    found = crop_faces(image, whole.detect(np.dstack([image] * 3)), 48, whole.framing)[0]
    assert np.array_equal(found[7], np.arange(12, 60) * 3)
