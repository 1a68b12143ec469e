"""The float weights of graphs: plain ones, quantized ones, and norms folded into layers."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from mien.bundles.reading import read_bundle
from mien.config.parts import NETWORKS
from mien.errors import BundleError
from mien.exporting.verification import run_graph
from mien.models import build_network
from mien.models.bundle_weights import bundle_weights
from mien.models.transfer import TrainedWeights, transfer
from mien.transforms.preprocess import standardize


@pytest.fixture(scope="module")
def small():
    return read_bundle("small")


def with_graph(bundle, nodes, values):
    initializers = [numpy_helper.from_array(value, name) for name, value in values.items()]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    model = helper.make_model(helper.make_graph(nodes, "g", [], [output], initializers))
    return replace(bundle, content=model.SerializeToString())


def test_integers_are_dequantized_along_their_axis(small):
    stored = np.array([[[[1]], [[2]]], [[[3]], [[-4]]]], np.int8)
    values = {
        "network.conv.weight_quantized": stored, "network.conv.weight_scale": np.array([0.5, 2], np.float32),
        "network.conv.weight_zero_point": np.array([0, 1], np.int8),
        "network.conv.weight_bias_quantized": np.array([10, 20], np.int32),
        "network.conv.weight_bias_quantized_scale": np.array([0.1, 0.2], np.float32),
        "network.head.weight": np.ones((2, 2), np.float32), "network.head.bias": np.zeros(2, np.float32),
        "scalar": np.ones(1, np.float32),
    }  # fmt: skip
    inputs = ["network.conv.weight_quantized", "network.conv.weight_scale", "network.conv.weight_zero_point"]
    biases = ["network.conv.weight_bias_quantized", "network.conv.weight_bias_quantized_scale"]
    nodes = [
        helper.make_node("DequantizeLinear", inputs, ["w"], axis=0),
        helper.make_node("DequantizeLinear", biases, ["b"], axis=0),
        helper.make_node("Conv", ["x", "w", "b"], ["z"]),
        helper.make_node("Gemm", ["z", "network.head.weight", "network.head.bias"], ["y"]),
    ]
    (found,) = bundle_weights(with_graph(small, nodes, values))
    assert set(found.tensors) == {
        "conv.weight", "conv.weight_bias", "head.weight", "head.bias"
    }  # fmt: skip
    assert found.tensors["conv.weight"].flatten().tolist() == [0.5, 1, 4, -10]
    assert found.biases["conv"].tolist() == pytest.approx([1, 4])
    assert found.biases["head"].tolist() == [0, 0]


def test_a_graph_of_other_origin_is_refused(small):
    bundle = with_graph(small, [helper.make_node("Relu", ["x"], ["y"])], {"w": np.ones(1, np.float32)})
    with pytest.raises(BundleError, match="parameters of 0 networks, its metadata 1; its weights can't be"):
        bundle_weights(bundle)


def test_an_ensemble_has_the_weights_of_each_network():
    large = read_bundle("large")
    found = bundle_weights(large)
    assert [len(one.tensors["classifier.weight"]) for one in found] == [7, 7]
    assert "stages.0.block2.conv.weight" in found[0].tensors
    assert not np.array_equal(*(one.tensors["classifier.weight"] for one in found))
    networks = [NETWORKS.get(one.section("network")["kind"]) for one in large.metadata.members]
    assert [one.__name__ for one in networks] == ["Plain", "Plain"]


def test_the_shipped_bundle_s_network_gives_its_logits(small):
    """Up to the quantization of activations: with one view and without the blur in front of it."""
    config = NETWORKS.get("plain").model_validate(small.metadata.members[0].section("network"))
    network = build_network(config, 7)
    rng = np.random.default_rng(0)
    faces = np.clip(rng.normal(128, 40, (4, 6, 6)), 0, 255).astype(np.uint8).repeat(8, 1).repeat(8, 2)
    levels = torch.from_numpy(faces)[:, None].float() / 255
    preprocess = standardize(levels, _preprocess(small))
    found = bundle_weights(small)[0]
    weights = TrainedWeights("small", found.tensors, small.metadata.classes, found.biases)
    transfer(network, config, weights, small.metadata.classes, lambda _: preprocess)
    with torch.no_grad():
        mirrored = preprocess.flip(3)
        both = torch.stack([network.eval()(one).softmax(1) for one in (preprocess, mirrored)]).mean(0)
    graph = without_blur(onnx.load_from_string(small.content))
    expected = run_graph(graph.SerializeToString(), faces).probabilities
    assert np.abs(both.numpy() - expected).max() < 0.1


def _preprocess(bundle):
    from mien.config.data import Preprocess

    return Preprocess.model_validate(bundle.metadata.members[0].section("preprocess"))


def without_blur(model):
    for node in model.graph.node:
        node.input[:] = ["faces" if name == "soften/faces" else name for name in node.input]
    kept = [node for node in model.graph.node if not node.name.startswith("soften/")]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model
