import numpy as np
import pytest

from builders import faces
from mien.data.duplicates import duplicate_groups


def test_a_group_is_named_after_its_first_image():
    images = faces(30).images.copy()
    images[[7, 9]] = images[3]
    images[20] = images[11]
    expected = np.arange(30)
    expected[[7, 9]] = 3
    expected[20] = 11
    np.testing.assert_array_equal(duplicate_groups(images), expected)


def test_one_gray_level_makes_another_image():
    images = np.zeros((4, 48, 48), np.uint8)
    images[1, 0, 0] = 1
    images[2, 47, 47] = 1
    assert duplicate_groups(images).tolist() == [0, 1, 2, 0]


def test_images_that_are_not_contiguous_are_compared_by_content():
    wide = np.zeros((3, 4, 8), np.uint8)
    wide[1:, :, ::2] = 5
    assert duplicate_groups(wide[:, :, ::2]).tolist() == [0, 1, 1]


@pytest.mark.parametrize("count", [0, 1])
def test_few_images_are_no_special_case(count):
    assert duplicate_groups(np.zeros((count, 48, 48), np.uint8)).tolist() == list(range(count))


def test_color_faces_are_compared_in_all_channels():
    images = np.zeros((3, 8, 8, 3), np.uint8)
    images[1, 7, 7, 2] = 1
    assert duplicate_groups(images).tolist() == [0, 1, 0]
