"""Integrated gradients: equal captum's, are complete, and peak at a known cue."""

import numpy as np
import pytest
import torch

from explanation_builders import CLASSES, PATCH, is_in_patch, patch_faces, patch_model, peak
from explanation_oracle import STEP, TARGET, face, model, recorded
from mien.config.data import Preprocess
from mien.errors import MienError
from mien.explanation.integrated_gradients import IntegratedGradients
from mien.explanation.networks import Network, model_of_network


def test_it_equals_captum():
    found = IntegratedGradients()(model(), face(), np.array([[TARGET]]))[0, 0]
    assert found[::STEP, ::STEP] == pytest.approx(recorded("integrated-gradients"), rel=1e-3, abs=1e-6)


def test_the_sum_is_the_difference_of_the_logits_of_the_face_and_its_mean_level():
    some = model()
    maps = IntegratedGradients(steps=100)(some, face(), np.array([[0, 1, 2]]))
    with torch.no_grad():
        module, made = some.network.module, some.network
        expected = (module(made.inputs(face())) - module(made.baselines(face())))[0].numpy()
    assert maps[0].sum((1, 2)) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_map_peaks_at_the_cue(channels):
    class Patch(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))

        def forward(self, faces):
            score = self.scale * faces[:, :, PATCH[0], PATCH[1]].mean((1, 2, 3))
            return torch.stack([-score, score], 1)

    shape = (48, 48) if channels == 1 else (48, 48, 3)
    known = model_of_network(Network(Patch(), Preprocess(per_image=True)), "patch", CLASSES, shape)
    maps = IntegratedGradients(steps=8)(known, patch_faces(1, channels), np.array([[1, 0]]))
    assert is_in_patch(peak(maps[0, 0]))
    assert is_in_patch(peak(-maps[0, 1]))


def test_a_model_without_a_network_is_refused():
    with pytest.raises(MienError, match="needs the network of a run"):
        IntegratedGradients()(patch_model(), patch_faces(), np.array([[0]]))
