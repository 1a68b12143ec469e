import cv2
import numpy as np
import pytest
import torch

from builders import faces
from mien.config.data import Clahe, Preprocess
from mien.transforms.preprocess import equalize, standardize


def test_without_clahe_the_images_are_the_same_array() -> None:
    images = faces(3).images
    assert equalize(images, Preprocess()) is images


def test_clahe_is_opencv_s_on_each_face() -> None:
    images = faces(4).images
    found = equalize(images, Preprocess(clahe=Clahe(clip_limit=3.0, tiles=4)))
    expected = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(4, 4)).apply(images[2])
    np.testing.assert_array_equal(found[2], expected)
    assert not np.array_equal(found, images)


def test_clahe_raises_the_contrast_of_a_dull_face() -> None:
    dull = (100 + faces(1).images // 16).astype(np.uint8)
    assert equalize(dull, Preprocess(clahe=Clahe())).std() > 2 * dull.std()


@pytest.mark.parametrize(
    ("gray", "expected"), [(0.5077, 0.0), (0.5077 + 0.2550, 1.0), (0.0, -0.5077 / 0.2550)]
)
def test_standardize_subtracts_the_mean_and_divides_by_the_deviation(gray: float, expected: float) -> None:
    assert standardize(torch.tensor([gray]), Preprocess()).item() == pytest.approx(expected, abs=1e-6)


def test_per_face_light_and_contrast_do_not_matter() -> None:
    face = torch.rand(2, 1, 48, 48, generator=torch.Generator().manual_seed(0))
    own = standardize(face, Preprocess(per_image=True))
    assert torch.allclose(standardize(0.4 * face + 0.3, Preprocess(per_image=True)), own, atol=0.05)
    assert own.mean((2, 3)).abs().max() < 1e-6
    assert torch.allclose(own.std((2, 3), correction=0), torch.ones(2, 1), atol=0.01)


def test_per_face_an_even_gray_stays_nothing() -> None:
    faint = torch.full((1, 1, 48, 48), 0.5)
    faint[..., ::2] += 1 / 255
    assert standardize(faint, Preprocess(per_image=True)).abs().max() < 0.11
