import cv2
import numpy as np
import pytest
import torch

from builders import faces
from mien.config.data import Clahe, Prepare
from mien.transforms.prepare import equalise, standardise


def test_without_clahe_the_images_are_the_same_array() -> None:
    images = faces(3).images
    assert equalise(images, Prepare()) is images


def test_clahe_is_opencv_s_on_each_face() -> None:
    images = faces(4).images
    found = equalise(images, Prepare(clahe=Clahe(clip=3.0, tiles=4)))
    expected = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(4, 4)).apply(images[2])
    np.testing.assert_array_equal(found[2], expected)
    assert not np.array_equal(found, images)


def test_clahe_raises_the_contrast_of_a_dull_face() -> None:
    dull = (100 + faces(1).images // 16).astype(np.uint8)
    assert equalise(dull, Prepare(clahe=Clahe())).std() > 2 * dull.std()


@pytest.mark.parametrize(
    ("grey", "expected"), [(0.5077, 0.0), (0.5077 + 0.2550, 1.0), (0.0, -0.5077 / 0.2550)]
)
def test_standardise_subtracts_the_mean_and_divides_by_the_deviation(grey: float, expected: float) -> None:
    assert standardise(torch.tensor([grey]), Prepare()).item() == pytest.approx(expected, abs=1e-6)
