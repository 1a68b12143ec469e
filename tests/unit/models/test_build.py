import pytest
import torch

from mien.config.parts import NETWORKS
from mien.errors import RecipeError
from mien.models import build_network
from mien.models.base import NetworkConfig
from mien.models.efficientnet_lite import EfficientNetLite
from mien.models.plain import Plain
from mien.models.resnet9 import PairStage, ResNet9
from mien.models.resnet_v2 import ResNetV2

CONFIGS: dict[str, NetworkConfig] = {
    "plain": Plain.model_validate({"kind": "plain", "stages": [{"channels": 8}]}),
    "resnet9": ResNet9(kind="resnet9", stages=(PairStage(channels=8),)),
    "resnetv2": ResNetV2(kind="resnetv2", blocks=(1,), width=0.125),
    "efficientnet_lite": EfficientNetLite(kind="efficientnet_lite"),
}
STANDS_FOR_ANOTHER = {"pretrained"}


@pytest.fixture(params=sorted({*NETWORKS.builtins} - STANDS_FOR_ANOTHER))
def config(request: pytest.FixtureRequest) -> NetworkConfig:
    return CONFIGS[request.param]


@pytest.mark.parametrize("size", [48, 40, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_faces_of_any_size_and_color_have_logits(config: NetworkConfig, size: int, channels: int) -> None:
    network = build_network(config, 5, size=size, channels=channels)
    assert network.training
    with torch.no_grad():
        assert network(torch.zeros(2, channels, size, size)).shape == (2, 5)


def test_the_smallest_size_is_accepted(config: NetworkConfig) -> None:
    smallest = config.smallest_size(48)
    with torch.no_grad():
        assert build_network(config, 5).eval()(torch.zeros(2, 1, smallest, smallest)).shape == (2, 5)


def test_the_last_layer_returns_the_logits(config: NetworkConfig) -> None:
    network, outputs = build_network(config, 5).eval(), []
    last = network.get_submodule(config.last_layer(network) or "")
    last.register_forward_hook(lambda _, inputs, output: outputs.append(output))
    with torch.no_grad():
        logits = network(torch.rand(2, 1, 48, 48))
    assert torch.equal(outputs[0], logits)


@pytest.mark.parametrize("classes", [-1, 0, 1])
def test_fewer_than_two_classes_are_refused(config: NetworkConfig, classes: int) -> None:
    with pytest.raises(RecipeError, match=f"at least 2 classes, got {classes}"):
        build_network(config, classes)


def test_weights_that_no_memory_holds_are_refused() -> None:
    wide = Plain.model_validate({"kind": "plain", "width": 32.0, "stages": [{"channels": 65_536}] * 2})
    with pytest.raises(RecipeError, match=r"^network: its weights don't fit into memory; lower"):
        build_network(wide, 7)
