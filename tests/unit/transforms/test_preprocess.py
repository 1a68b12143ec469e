import cv2
import numpy as np
import pytest
import torch

from builders import faces
from mien.config.data import Clahe, Preprocess
from mien.data.synthetic import generate_faces
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


def test_per_image_standardization_removes_brightness_and_contrast() -> None:
    face = torch.rand(2, 1, 48, 48, generator=torch.Generator().manual_seed(0))
    own = standardize(face, Preprocess(per_image=True))
    assert torch.allclose(standardize(0.4 * face + 0.3, Preprocess(per_image=True)), own, atol=0.05)
    assert own.mean((2, 3)).abs().max() < 1e-6
    assert torch.allclose(own.std((2, 3), correction=0), torch.ones(2, 1), atol=0.01)


def test_per_image_standardization_does_not_amplify_a_constant_image() -> None:
    faint = torch.full((1, 1, 48, 48), 0.5)
    faint[..., ::2] += 1 / 255
    assert standardize(faint, Preprocess(per_image=True)).abs().max() < 0.11


def test_clahe_of_equal_channels_is_that_of_gray() -> None:
    gray = faces(3).images
    found = equalize(np.repeat(gray[..., None], 3, axis=-1), Preprocess(clahe=Clahe()))
    expected = equalize(gray, Preprocess(clahe=Clahe()))
    for channel in range(3):
        np.testing.assert_array_equal(found[..., channel], expected)


def test_clahe_in_color_equalizes_the_luma_and_keeps_the_hues() -> None:
    color = generate_faces(4, channels=3).images
    dull = (100 + color.astype(float) / 8).astype(np.uint8)
    found = equalize(dull, Preprocess(clahe=Clahe()))
    before, after = (cv2.cvtColor(images[0], cv2.COLOR_RGB2YCrCb) for images in (dull, found))
    assert after[..., 0].std() > 2 * before[..., 0].std()
    assert np.abs(after[..., 1:].astype(int) - before[..., 1:]).mean() < 2


def test_color_may_have_a_mean_and_deviation_per_channel() -> None:
    color = torch.tensor([0.1, 0.2, 0.3])[None, :, None, None].expand(2, 3, 4, 4)
    found = standardize(color, Preprocess(mean=(0.0, 0.2, 0.5), std=(0.1, 0.2, 0.4)))
    assert torch.allclose(found[0, :, 0, 0], torch.tensor([1.0, 0.0, -0.5]))
    same = standardize(color, Preprocess(mean=0.2, std=0.1))
    assert torch.allclose(same, (color - 0.2) / 0.1)


def test_per_image_standardization_of_color_keeps_the_hues() -> None:
    color = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    found = standardize(color, Preprocess(per_image=True))
    assert found.mean((1, 2, 3)).abs().max() < 1e-6
    assert found.mean((2, 3)).abs().max() > 1e-3  # not each channel by itself
    scale = (found[0, 0, 0, 0] - found[0, 1, 1, 1]) / (color[0, 0, 0, 0] - color[0, 1, 1, 1])
    assert torch.allclose(found[0] - found[0].mean(), scale * (color[0] - color[0].mean()), atol=1e-5)
