from typing import get_args

import pytest
import torch

from mien.config.network import Network, PairStage, Plain, ResNet9, ResNetV2
from mien.errors import RecipeError
from mien.models import build_network
from mien.models.registry import BUILDERS

PLAIN = Plain.model_validate({"family": "plain", "stages": [{"channels": 8}]})
RESNET9 = ResNet9(family="resnet9", stages=(PairStage(channels=8),))
RESNET = ResNetV2(family="resnetv2", blocks=(1,), width=0.125)


def test_every_family_that_a_recipe_can_name_has_a_builder():
    families = get_args(get_args(Network)[0])
    assert set(families) == set(BUILDERS)


@pytest.mark.parametrize("config", [PLAIN, RESNET9, RESNET])
@pytest.mark.parametrize("size", [48, 40, 64])
def test_logits_of_faces_of_any_side(config, size):
    network = build_network(config, 5, size=size)
    assert network.training
    with torch.no_grad():
        assert network(torch.zeros(2, 1, size, size)).shape == (2, 5)


@pytest.mark.parametrize("config", [PLAIN, RESNET9, RESNET])
@pytest.mark.parametrize("classes", [-1, 0, 1])
def test_fewer_than_two_classes_are_refused(config, classes):
    with pytest.raises(RecipeError, match=f"at least 2 classes to tell apart, got {classes}"):
        build_network(config, classes)


def test_weights_that_no_memory_holds_are_refused():
    wide = Plain.model_validate({"family": "plain", "width": 32.0, "stages": [{"channels": 65_536}] * 2})
    with pytest.raises(RecipeError, match=r"^network: its weights don't fit into memory; lower"):
        build_network(wide, 7)
