"""Checks of maps: rank correlation against SciPy, and maps that fail."""

import numpy as np
import pytest
import torch

from explanation_builders import constant_model, patch_faces, patch_model, perfect_maps
from late import Late
from mien.config import read_recipe
from mien.config.data import Preprocess
from mien.data.synthetic import generate_faces
from mien.errors import MienError
from mien.explanation.base import Model
from mien.explanation.checks import check_maps, rank_correlations
from mien.explanation.networks import Network, model_of_network
from mien.explanation.occlusion import Occlusion
from mien.explanation.registry import METHODS
from mien.explanation.rise import Rise
from mien.labels import EMOTIONS
from mien.models import build_network

ONE = np.array([1])

stats = Late("scipy.stats")


def test_maps_of_a_cue_pass_and_random_maps_do_not():
    model, faces, method = patch_model(), patch_faces(3), Occlusion(positions=9)
    targets = np.array([1, 1, 1])
    maps = method(model, faces, targets[:, None])[:, 0]
    passed = check_maps(model, method, faces, targets, maps)
    assert passed.passed
    assert passed.verdict.startswith("Passed on 3 faces")
    assert passed.randomized == 0  # of a model that always returns the same, the maps are constant
    failed = check_maps(model, method, faces, targets, -maps)
    assert not failed.passed
    assert "Not passed" in failed.verdict


def test_a_method_that_ignores_the_weights_does_not_pass():
    def edges(model, faces, targets):
        return faces[:, None].astype(np.float32)

    found = check_maps(
        patch_model(), edges, patch_faces(2), np.array([1, 1]), edges(None, patch_faces(2), None)[:, 0]
    )
    assert found.randomized == pytest.approx(1)
    assert not found.passed


def test_weights_that_can_not_be_randomized_are_no_failure():
    model = constant_model((48, 48))
    found = check_maps(model, Occlusion(positions=3), patch_faces(), ONE, perfect_maps())
    assert found.randomized is None


def test_rank_correlations_are_those_of_scipy():
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 9, (2, 4, 6, 6)).astype(float)
    expected = [stats.spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(one, other, strict=True)]
    assert rank_correlations(one, other) == pytest.approx(expected)
    assert rank_correlations(np.zeros((1, 6, 6)), other[:1]).tolist() == [0]


def test_no_faces_are_refused():
    with pytest.raises(MienError, match="no faces"):
        check_maps(patch_model(), Occlusion(), patch_faces(0), ONE[:0], perfect_maps()[:0])


@pytest.mark.parametrize("name", METHODS.builtins)
def test_the_maps_of_each_method_depend_on_the_weights(name, network):
    """The sanity check of Adebayo et al. 2018, on the network of a recipe."""
    fewer = {"rise": Rise(count=100), "occlusion": Occlusion(positions=7)}
    method = fewer.get(name) or METHODS.get(name)()
    faces = generate_faces(2, seed=1).images
    targets = network.predict(faces).argmax(axis=1)[:, None]
    found = method(network, faces, targets)[:, 0]
    seeds = range(8 if name == "gradcam" else 1)  # a map of few positions needs more
    others = [method(network.randomize(seed), faces, targets)[:, 0] for seed in seeds]
    assert np.ptp(found) > 0
    assert np.mean([rank_correlations(found, other) for other in others]) < 0.4


@pytest.fixture(scope="module")
def network() -> Model:
    torch.manual_seed(0)
    module = build_network(read_recipe("fast").network, 7, size=48).eval()
    return model_of_network(Network(module, Preprocess()), "fast", EMOTIONS, (48, 48))
