import cv2
import numpy as np
import pytest

from face_patterns import moved, patterns, recompressed
from mien.data.duplicate_candidates import View
from mien.data.registration import same_photograph, start_matrix

ONE, OTHER = patterns(2)
CENTER = View(1.0, 0.0, False, 0, 0)


def test_a_registration_begins_at_the_place_of_the_view():
    assert np.allclose(start_matrix(CENTER), [[1, 0, 6], [0, 1, 6]])
    assert np.allclose(start_matrix(View(1.0, 0.0, True, 3, -4)), [[1, 0, 2], [0, 1, 9]])
    half = start_matrix(View(2.0, 0.0, False, 0, 0))
    assert np.allclose(half @ [17.5, 17.5, 1], [23.5, 23.5], atol=1e-5)
    assert np.allclose(half[:, :2], np.eye(2) / 2)


def test_one_photograph_has_a_correlation_and_two_have_none():
    assert same_photograph(ONE, ONE, CENTER) > 0.999
    assert same_photograph(ONE, moved(ONE, 1, 2), CENTER) > 0.99
    assert same_photograph(ONE, OTHER, CENTER) == 0


def test_similar_images_with_other_detail_are_different(monkeypatch):
    coarse = cv2.GaussianBlur(ONE, (0, 0), 4)
    fine = OTHER.astype(np.float32) - cv2.GaussianBlur(OTHER, (0, 0), 4)
    similar = np.clip(coarse + 0.5 * fine, 0, 255).astype(np.uint8)
    monkeypatch.setattr("mien.data.registration.UNRELATED", -1)
    monkeypatch.setattr("mien.data.registration.SIMILAR", -1)
    assert same_photograph(ONE, similar, CENTER) == 0


def test_blurred_images_that_correlate_are_different():
    """Bright ovals with different details: without fine ones, a high correlation means little."""
    rows, columns = np.mgrid[:48, :48]
    oval = 60 + 130 * np.exp(-((rows - 24) ** 2 / 500 + (columns - 24) ** 2 / 250))
    one, other = (
        oval + 0.4 * (cv2.GaussianBlur(image, (0, 0), 3.0) - cv2.GaussianBlur(image, (0, 0), 8.0))
        for image in (ONE.astype(np.float32), OTHER.astype(np.float32))
    )
    assert np.corrcoef(one[6:-6, 6:-6].ravel(), other[6:-6, 6:-6].ravel())[0, 1] > 0.96
    assert same_photograph(one.astype(np.uint8), other.astype(np.uint8), CENTER) == 0


@pytest.mark.parametrize("sigma", [1, 2])
def test_a_blurred_copy_is_found(sigma):
    blurred = cv2.GaussianBlur(ONE, (0, 0), sigma)
    assert same_photograph(ONE, blurred, CENTER) > 0.9
    assert same_photograph(blurred, moved(ONE, 1, 2), CENTER) > 0.9


def test_a_copy_of_a_blurred_image_is_found():
    blurred = cv2.GaussianBlur(ONE, (0, 0), 4)
    assert same_photograph(blurred, recompressed(moved(blurred, 2, -1), 70), CENTER) > 0.99


@pytest.mark.parametrize("image", [np.zeros((48, 48), np.uint8), np.full((48, 48), 200, np.uint8)])
def test_a_blank_image_is_not_registered(image):
    assert same_photograph(ONE, image, CENTER) == 0
