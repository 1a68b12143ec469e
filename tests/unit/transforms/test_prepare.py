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


def test_per_face_light_and_contrast_do_not_matter() -> None:
    face = torch.rand(2, 1, 48, 48, generator=torch.Generator().manual_seed(0))
    own = standardise(face, Prepare(per_face=True))
    assert torch.allclose(standardise(0.4 * face + 0.3, Prepare(per_face=True)), own, atol=0.05)
    assert own.mean((2, 3)).abs().max() < 1e-6
    assert torch.allclose(own.std((2, 3), correction=0), torch.ones(2, 1), atol=0.01)


def test_per_face_an_even_grey_stays_nothing() -> None:
    faint = torch.full((1, 1, 48, 48), 0.5)
    faint[..., ::2] += 1 / 255
    assert standardise(faint, Prepare(per_face=True)).abs().max() < 0.11
