"""Grad-CAM: equals captum's, and peaks where the feature is that the class needs."""

import numpy as np
import pytest
import torch
from torch import nn

from explanation_builders import CLASSES, is_in_patch, patch_faces, patch_model, peak
from explanation_oracle import LAYER, STEP, TARGET, face, model, network, recorded
from mien.config.data import Preprocess
from mien.errors import MienError
from mien.explanation.gradcam import GradCam, class_maps, feature_layer
from mien.explanation.networks import Network, model_of_network
from mien.models import build_network
from training_builders import TINY


def test_it_equals_captum():
    inputs = model().network.inputs(face())
    found = class_maps(network(), LAYER, inputs, torch.tensor([[TARGET]]))[0, 0].numpy()
    assert found[::STEP, ::STEP] == pytest.approx(recorded("gradcam"), rel=1e-3, abs=1e-6)


class BrightSpots(nn.Module):
    """Classifies by the number of bright pixels, wherever they are."""

    def __init__(self) -> None:
        super().__init__()
        self.spots = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(inplace=True))
        nn.init.constant_(self.spots[0].weight, 1)
        nn.init.constant_(self.spots[0].bias, -0.8)

    def forward(self, faces):
        score = self.spots(faces).mean((2, 3))
        return torch.cat([-score, score], 1)


def test_the_map_peaks_at_the_cue_and_supports_one_class_only():
    spots = model_of_network(
        Network(BrightSpots(), Preprocess(mean=0.0, std=1.0)), "spots", CLASSES, (48, 48)
    )
    maps = GradCam()(spots, patch_faces(2), np.array([[1, 0], [0, 1]]))
    assert maps.shape == (2, 2, 48, 48)
    assert is_in_patch(peak(maps[0, 0]))
    assert maps[0, 1].max() == 0
    assert (maps[0, 0] == maps[1, 1]).any()


@pytest.mark.parametrize(("size", "side"), [(48, 12), (24, 6)])
def test_the_deepest_feature_map_that_is_not_too_coarse_is_used(size, side):
    built = build_network(TINY.network, 7, size=size).eval()
    name = feature_layer(built, torch.zeros(1, 1, size, size))
    shapes = []
    dict(built.named_modules())[name].register_forward_hook(lambda _, __, out: shapes.append(out.shape))
    built(torch.zeros(1, 1, size, size))
    assert shapes[0][2] == side


def test_models_without_a_network_and_networks_without_a_map_are_refused():
    with pytest.raises(MienError, match="needs the network of a run"):
        GradCam()(patch_model(), patch_faces(), np.array([[0]]))
    flat = Network(nn.Sequential(nn.Flatten(), nn.Linear(48 * 48, 2)), Preprocess())
    with pytest.raises(MienError, match="no feature map"):
        GradCam()(model_of_network(flat, "flat", CLASSES, (48, 48)), patch_faces(), np.array([[0]]))


def test_no_faces_have_no_maps_and_hooks_are_removed():
    some = model()
    assert GradCam()(some, face()[:0], np.zeros((0, 2), np.int64)).shape == (0, 2, 48, 48)
    GradCam()(some, face(), np.array([[0]]))
    assert not any(part._forward_hooks for part in some.network.module.modules())
