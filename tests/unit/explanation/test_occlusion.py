"""Occlusion: the map of a classifier that depends on one patch peaks there, and equals captum's."""

import numpy as np
import pytest

from explanation_builders import counted, is_in_patch, patch_faces, patch_model, peak
from explanation_oracle import STEP, TARGET, face, model, recorded
from mien.errors import MienError
from mien.explanation.occlusion import Occlusion


@pytest.mark.parametrize("channels", [1, 3])
def test_the_map_peaks_at_the_cue_and_has_the_sign_of_the_class(channels):
    maps = Occlusion()(patch_model(channels), patch_faces(2, channels), np.array([[1, 0], [1, 0]]))
    assert maps.shape == (2, 2, 48, 48)
    assert maps.dtype == np.float32
    for one in maps:
        assert is_in_patch(peak(one[0]), margin=4)
        assert is_in_patch(peak(-one[1]), margin=4)


def test_a_face_takes_one_prediction_for_each_position_and_one_for_itself():
    counting, count = counted(patch_model())
    Occlusion(positions=5)(counting, patch_faces(2), np.array([[1], [1]]))
    assert count() == 2 * 25 + 2


def test_the_masks_cover_every_pixel_symmetrically_at_any_size():
    for size, method in (
        (24, Occlusion()),
        (48, Occlusion()),
        (50, Occlusion()),
        (50, Occlusion(positions=2)),
    ):
        hidden = (1 - method.masks(size)).sum(axis=0)
        assert hidden.min() >= 1
        assert (hidden == hidden[::-1]).all()
        assert (hidden == hidden.T).all()


def test_it_equals_captum():
    found = Occlusion()(model(), face(), np.array([[TARGET]]))[0, 0]
    assert found[::STEP, ::STEP] == pytest.approx(recorded("occlusion"), rel=1e-3, abs=1e-6)


def test_no_faces_have_no_maps_and_wrong_arguments_are_refused():
    known = patch_model()
    assert Occlusion()(known, patch_faces(0), np.zeros((0, 1), np.int64)).shape == (0, 1, 48, 48)
    with pytest.raises(MienError, match="targets"):
        Occlusion()(known, patch_faces(), np.array([[2]]))
    with pytest.raises(MienError, match="expected uint8"):
        Occlusion()(known, patch_faces(size=50), np.array([[0]]))
    with pytest.raises(MienError, match="shape"):
        Occlusion()(known, patch_faces(), np.array([0]))
