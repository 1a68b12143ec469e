"""RISE: the map peaks at the cue; it estimates what the paper's formula does."""

import numpy as np
import pytest

from explanation_builders import counted, is_in_patch, patch_faces, patch_model, peak
from explanation_oracle import TARGET, face, model
from mien.explanation.perturbation import probabilities_under
from mien.explanation.rise import Rise


@pytest.mark.parametrize("channels", [1, 3])
def test_the_map_peaks_at_the_cue(channels):
    maps = Rise()(patch_model(channels), patch_faces(1, channels), np.array([[1, 0]]))
    assert maps.shape == (1, 2, 48, 48)
    assert is_in_patch(peak(maps[0, 0]), margin=2)
    assert is_in_patch(peak(-maps[0, 1]), margin=2)


def test_it_is_reproducible_and_takes_one_prediction_for_each_mask():
    counting, count = counted(patch_model())
    first = Rise(count=40)(counting, patch_faces(), np.array([[1]]))
    assert count() == 40
    assert (first == Rise(count=40)(counting, patch_faces(), np.array([[1]]))).all()


def test_masks_are_smooth_have_mean_one_half_and_come_with_their_negatives():
    masks = Rise(count=50).masks(48)
    assert masks.shape == (50, 48, 48)
    assert masks.min() >= 0
    assert masks.max() <= 1
    assert masks[:25] + masks[25:] == pytest.approx(1)
    assert np.abs(np.diff(masks, axis=1)).max() < 0.2


def test_it_ranks_pixels_as_the_formula_of_the_paper():
    """S = sum(p * M) / (n * E[M]) (Petsiuk et al. 2018, eq. 6), with the same masks."""
    method = Rise(count=400)
    masks = method.masks(48)
    weights = probabilities_under(model(), face()[0], masks)[:, TARGET]
    paper = np.tensordot(weights, masks, 1) / (len(masks) * 0.5)
    found = method(model(), face(), np.array([[TARGET]]))[0, 0]
    assert np.corrcoef(found.ravel(), paper.ravel())[0, 1] > 0.95
