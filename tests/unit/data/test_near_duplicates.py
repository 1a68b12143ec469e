import cv2
import numpy as np
import pytest

from face_patterns import moved, patterns, recompressed
from mien.data.duplicate_candidates import VIEWS
from mien.data.near_duplicates import merged_groups, near_duplicates, similar_groups
from mien.data.progress import reading_progress

IMAGES = patterns(40)


def _turned(image, angle=0.0, scale=1.0, border=cv2.BORDER_REPLICATE):
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), angle, scale)
    return cv2.warpAffine(image, matrix, (48, 48), borderMode=border)


def _resampled(image, side):
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (48, 48), interpolation=cv2.INTER_CUBIC)


COPIES = {
    "shifted": lambda image: moved(image, 3, -2),
    "shifted by 4": lambda image: moved(image, -4, 4),
    "mirrored": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "recompressed": recompressed,
    "darker": lambda image: (image * 0.7).astype(np.uint8),
    "equalized": cv2.equalizeHist,
    "rotated": lambda image: _turned(image, angle=9),
    "scaled and rotated": lambda image: _turned(image, angle=3, scale=1.05),
    "reduced, with a black border": lambda image: _turned(image, scale=0.84, border=cv2.BORDER_CONSTANT),
    "enlarged": lambda image: _turned(image, scale=1.2),
    "cropped": lambda image: cv2.resize(image[5:45, 3:43], (48, 48), interpolation=cv2.INTER_CUBIC),
    "resampled": lambda image: _resampled(image, 26),
    "mirrored, shifted and recompressed": lambda image: recompressed(moved(image[:, ::-1].copy(), 2, 1)),
}


@pytest.mark.parametrize("change", COPIES)
def test_copies_are_found_and_nothing_else(change):
    images = np.concatenate([IMAGES, COPIES[change](IMAGES[7])[None]])
    found = near_duplicates(images)
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(7, 40)]
    assert bool(found.mirrored[0]) == ("mirrored" in change)
    assert 0.9 <= found.similarity[0] <= 1


def test_different_images_and_blank_ones_are_no_duplicates():
    blank = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 128, 255)])
    found = near_duplicates(np.concatenate([IMAGES, blank]))
    assert len(found) == 0
    assert found.first.dtype == np.int64


def test_other_sizes_and_color_are_compared_too():
    large = np.stack([cv2.resize(image, (96, 96), interpolation=cv2.INTER_CUBIC) for image in IMAGES[:5]])
    color = np.repeat(np.concatenate([large, large[2:3, :, ::-1]])[..., None], 3, axis=3)
    found = near_duplicates(color)
    assert (found.first.tolist(), found.second.tolist(), found.mirrored.tolist()) == ([2], [5], [True])


def test_groups_join_equal_and_similar_images():
    images = np.concatenate([IMAGES[:4], IMAGES[1:2], moved(IMAGES[1], 2, 0)[None], IMAGES[3:4, :, ::-1]])
    assert similar_groups(images).tolist() == [0, 1, 2, 3, 1, 1, 3]


def test_the_latest_result_is_kept(monkeypatch):
    images = patterns(3, seed=5)
    found = near_duplicates(images)
    monkeypatch.setattr("mien.data.near_duplicates.candidates", None)
    assert near_duplicates(images.copy()) is found
    with pytest.raises(TypeError):
        near_duplicates(images[::-1])


def test_groups_are_merged_over_chains():
    groups = np.arange(6)
    assert merged_groups(groups, np.array([4, 3]), np.array([5, 4])).tolist() == [0, 1, 2, 3, 3, 3]


def test_no_images_have_no_duplicates():
    assert len(near_duplicates(np.empty((0, 48, 48), np.uint8))) == 0


def test_the_progress_is_reported():
    done = []
    with reading_progress(lambda some, total: done.append((some, total))):
        near_duplicates(np.concatenate([patterns(3, seed=5), moved(patterns(3, seed=5)[0], 1, 1)[None]]))
    views = [(number, len(VIEWS)) for number in range(1, len(VIEWS) + 1)]
    assert done[: len(VIEWS)] == views
    assert len(done) == len(VIEWS) + 1
    assert done[-1][0] == done[-1][1]


def test_groups_report_no_progress_to_a_bar_about_reading():
    done = []
    with reading_progress(lambda some, total: done.append((some, total))):
        similar_groups(patterns(3, seed=6))
    assert done == []
