"""The one resize rule: area average when shrinking, bicubic when enlarging."""

import cv2
import numpy as np
import pytest

from mien.media.images.resize import Window, resize, resize_all, resize_window


def noise(*shape):
    return np.random.default_rng(len(shape)).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_an_image_of_the_requested_size_is_returned_unchanged(channels):
    image = noise(48, 48, *channels)
    assert resize(image, 48) is image


@pytest.mark.parametrize("channels", [(), (3,)])
def test_shrinking_averages_areas_whatever_the_shape_of_the_window(channels):
    image = noise(96, 144, *channels)
    means = image.reshape(48, 2, 48, 3, *channels).mean((1, 3))
    assert np.abs(resize_window(image, Window(72, 48, 144, 96), 48) - means).max() <= 0.5


def test_enlarging_is_bicubic():
    image = noise(24, 24)
    expected = cv2.resize(image, (48, 48), interpolation=cv2.INTER_CUBIC)
    assert np.abs(resize(image, 48).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (12, 12), (7, 300), (300, 7), (5000, 1), (1, 40_000)])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_any_size_and_aspect_ratio_becomes_a_square(shape, channels):
    face = resize(np.full((*shape, *channels), 99, np.uint8), 48)
    assert face.shape == (48, 48, *channels)
    assert (face == 99).all()


@pytest.mark.parametrize(("shape", "left", "top"), [((32, 72), 12, -8), ((72, 32), -8, 12), ((48, 48), 0, 0)])
def test_an_image_becomes_the_square_of_its_area_around_its_center(shape, left, top):
    image = noise(*shape)
    padded = np.pad(image, 8, mode="edge")
    assert np.array_equal(resize(image, 48), padded[top + 8 : top + 56, left + 8 : left + 56])


def test_the_channels_of_a_color_image_are_resized_independently():
    image = noise(61, 83, 3)
    each = [resize(np.ascontiguousarray(image[:, :, channel]), 48) for channel in range(3)]
    assert np.array_equal(resize(image, 48), np.dstack(each))


def test_a_window_of_whole_pixels_is_cut_out():
    image = noise(100, 120, 3)
    assert np.array_equal(resize_window(image, Window(31 + 24, 17 + 24, 48, 48), 48), image[17:65, 31:79])


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("count", [0, 3])
def test_many_images_are_resized_as_single_ones(channels, count):
    images = noise(count, 64, 64, *channels)
    resized = resize_all(images, 48)
    assert resized.shape == (count, 48, 48, *channels)
    for before, after in zip(images, resized, strict=True):
        assert np.array_equal(after, resize(before, 48))
    assert resize_all(images, 64) is images
