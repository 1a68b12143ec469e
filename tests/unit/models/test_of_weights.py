import pytest
import torch

from mien.errors import BundleError, RecipeError
from mien.models import build_network
from mien.models.of_weights import NetworkOfWeights


def test_it_has_the_network_of_its_bundle():
    config = NetworkOfWeights(kind="pretrained")
    assert config.takes_network_of_weights()
    assert config.pretrained_source() == "small"
    network = build_network(config, 5)
    assert network.get_submodule("classifier").weight.shape == (5, 256)
    assert torch.is_tensor(network.get_submodule("stages.3.block3.conv").weight)


def test_that_of_a_run_is_known_in_training_only(tmp_path):
    with pytest.raises(RecipeError, match="is no bundle, so its network is known in training only"):
        build_network(NetworkOfWeights(kind="pretrained", source=str(tmp_path)), 5)
    with pytest.raises(BundleError, match="no such bundle"):
        build_network(NetworkOfWeights(kind="pretrained", source="smal.onnx"), 5)
