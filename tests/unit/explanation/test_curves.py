"""Deletion and insertion curves of a known cue, and random maps."""

import numpy as np
import pytest

from explanation_builders import patch_faces, patch_model, perfect_maps
from mien.errors import MienError
from mien.explanation.curves import curves, random_maps

ONE = np.array([1])


def test_curves_begin_and_end_with_the_whole_and_the_hidden_face():
    found = curves(patch_model(), patch_faces(), ONE, perfect_maps(), steps=36)
    assert found.shares[[0, -1]].tolist() == [0, 1]
    assert found.deletion[0, 0] == pytest.approx(250 / 255)
    assert found.insertion[0, -1] == pytest.approx(250 / 255)
    # 64 of 2,304 pixels decide: they are hidden or shown after the first of 36 steps.
    assert found.deletion[0, 1:] == pytest.approx(found.deletion[0, -1])
    assert found.insertion[0, 1:] == pytest.approx(250 / 255)
    assert found.deletion_area[0] < found.insertion_area[0]


def test_the_opposite_of_a_map_has_worse_curves():
    model, faces = patch_model(), patch_faces()
    good, bad = (curves(model, faces, ONE, sign * perfect_maps()) for sign in (1, -1))
    assert good.deletion_area < bad.deletion_area
    assert good.insertion_area > bad.insertion_area


def test_random_maps_are_smooth_and_reproducible():
    maps = random_maps(2, 48, seed=3)
    assert maps.shape == (2, 48, 48)
    assert (maps == random_maps(2, 48, seed=3)).all()
    assert np.abs(np.diff(maps, axis=1)).max() < 0.3 * np.ptp(maps)


def test_wrong_shapes_are_refused():
    with pytest.raises(MienError, match="expected a map"):
        curves(patch_model(), patch_faces(2), ONE, perfect_maps())
