from pathlib import Path
from typing import Literal

import pytest
import torch
from torch import nn

from mien.errors import RecipeError
from mien.models.base import NetworkConfig


class Linear(NetworkConfig):
    kind: Literal["linear"]

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(channels * size * size, classes))


CONFIG = Linear(kind="linear")
NETWORK = CONFIG.build(7, size=4, channels=1)


def test_a_network_needs_no_hooks() -> None:
    before = {name: value.clone() for name, value in NETWORK.state_dict().items()}
    CONFIG.initialize(NETWORK, lambda count: torch.zeros(count, 1, 4, 4))
    assert all(weight.requires_grad for weight in NETWORK.parameters())
    assert all(torch.equal(before[name], value) for name, value in NETWORK.state_dict().items())
    assert CONFIG.smallest_size(48) == 48
    assert CONFIG.starting_from(None) is CONFIG
    assert CONFIG.starting_from(Path("weights.safetensors")) is CONFIG
    assert CONFIG.load_pretrained(NETWORK, Path("weights.safetensors")) is None
    assert CONFIG.pretrained_source() is None
    assert not CONFIG.takes_network_of_weights()
    with pytest.raises(RecipeError, match="no package with ImageNet weights for a network of kind linear"):
        CONFIG.imagenet_weights()


def test_without_weights_all_layers_are_trained() -> None:
    assert CONFIG.model_copy(update={"trainable": "head"}).starting_from(None).trainable == "all"


def test_the_last_layer_is_found_by_type_whatever_its_name() -> None:
    some = nn.Sequential(nn.ReLU(), nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 7))
    assert CONFIG.last_layer(some) == "4"
    assert CONFIG.last_layer(NETWORK) == "1"
    assert CONFIG.last_layer(nn.ReLU()) is None
