"""Each corruption is deterministic, keeps shape and type, and grows with its strength."""

import numpy as np
import pytest

from mien.data.synthetic import generate_faces
from mien.evaluation.robustness.corruptions import CORRUPTIONS, NAMES, STRENGTHS

GRAY = generate_faces(6, seed=1).images
COLOR = np.repeat(generate_faces(3, seed=2, size=64).images[..., None], 3, axis=3) // np.array(
    [1, 2, 3], np.uint8
)


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=NAMES)
def test_a_stronger_corruption_changes_more(corruption):
    changes = []
    for strength in range(1, STRENGTHS + 1):
        corrupted = corruption(GRAY, strength)
        assert (corrupted.shape, corrupted.dtype) == (GRAY.shape, np.uint8)
        changes.append(np.abs(corrupted.astype(float) - GRAY).mean())
    assert changes[0] > 0
    assert (np.diff(changes) > 0).all()


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=NAMES)
def test_a_face_is_corrupted_alike_at_any_position(corruption):
    together = corruption(GRAY, 3)
    np.testing.assert_array_equal(corruption(GRAY[::-1], 3)[::-1], together)
    np.testing.assert_array_equal(corruption(GRAY[4:5], 3)[0], together[4])


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=NAMES)
def test_color_faces_of_other_sizes(corruption):
    before = COLOR.copy()
    corrupted = corruption(COLOR, 3)
    assert (corrupted.shape, corrupted.dtype) == (COLOR.shape, np.uint8)
    assert (corrupted != COLOR).any()
    np.testing.assert_array_equal(COLOR, before)


def test_names_are_unique_and_strengths_five():
    assert len(set(NAMES)) == len(NAMES) == 12
    assert {len(one.values) for one in CORRUPTIONS} == {STRENGTHS}


def test_colors_keep_their_order_in_jpeg():
    corrupted = CORRUPTIONS[NAMES.index("JPEG")](COLOR, 1).mean((0, 1, 2))
    np.testing.assert_allclose(corrupted, COLOR.mean((0, 1, 2)), atol=4)


def test_occlusions_cover_mouth_and_eyes():
    white = np.full((1, 48, 48), 128, np.uint8)
    mask = CORRUPTIONS[NAMES.index("mask")](white, 3)[0]
    glasses = CORRUPTIONS[NAMES.index("sunglasses")](white, 3)[0]
    assert mask[37, 24] == 215
    assert mask[17, 15] == 128
    assert (glasses[17, 15], glasses[17, 32], glasses[37, 24]) == (12, 12, 128)
    np.testing.assert_allclose(mask, mask[:, ::-1], atol=40)
