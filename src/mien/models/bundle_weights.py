"""Recovers the weights of the networks in a bundle from its ONNX graph.

An export names initializers as the network names its parameters. Two things differ: int8 weights are
dequantized here (value = (stored - zero point) * scale), and a BatchNorm behind a convolution or linear
layer may be folded into that layer, whose bias then includes it. `mien.models.transfer` restores
folded norms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from mien.bundles.reading import Bundle
from mien.errors import BundleError
from mien.text import counted

_NAME: Final = re.compile(r"(?P<network>(?:[0-9]+/)*networks?(?:\.[0-9]+)?)\.(?P<name>.+)")
"""A parameter in a graph: position of its component, path of the network in it, name in the network."""

_QUANTIZED: Final = "_quantized"

_LAYERS: Final = ("Conv", "Gemm")
"""Operators that convolutions and linear layers are exported to."""


@dataclass(frozen=True)
class GraphWeights:
    """Weights of one network in a graph.

    Attributes:
        tensors: Float32, by their names in the network's state dict.
        biases: Bias of each convolution and linear layer that has one in the graph, by the layer's name; a
            BatchNorm may be folded into it.
    """

    tensors: dict[str, Tensor] = field(default_factory=dict)
    biases: dict[str, Tensor] = field(default_factory=dict)


def bundle_weights(bundle: Bundle) -> list[GraphWeights]:
    """Return the weights of each network of a bundle, in the order of its members.

    Raises:
        BundleError: Its graph was not exported from networks of mien, as that of an ONNX plug-in.
    """
    graph = onnx.load_from_string(bundle.content).graph
    values = _values(graph)
    found: dict[str, GraphWeights] = {}
    for name, value in values.items():
        if match := _NAME.fullmatch(name):
            weights = found.setdefault(match["network"], GraphWeights())
            weights.tensors[match["name"]] = torch.from_numpy(value)
    for layer, bias in _biases(graph, values):
        if match := _NAME.fullmatch(layer):
            found[match["network"]].biases[match["name"]] = torch.from_numpy(bias)
    members = bundle.metadata.members
    if len(found) != len(members):
        raise BundleError(
            f"{bundle.name}: its graph has parameters of {counted(len(found), 'network')}, its metadata "
            f"{len(members)}; its weights can't be recovered, so give the run that it was exported from"
        )
    return list(found.values())


def _values(graph: onnx.GraphProto) -> dict[str, NDArray[np.float32]]:
    """Return all float32 values in the graph that are constants, with those that are stored as integers."""
    stored = {one.name: one for one in graph.initializer}
    scales = {node.input[1] for node in graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear")}
    values = {
        name: numpy_helper.to_array(one).copy()
        for name, one in stored.items()
        if one.data_type == onnx.TensorProto.FLOAT and name not in scales
    }
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in stored:
            values[node.input[0].removesuffix(_QUANTIZED)] = _dequantized(node, stored)
    return values


def _dequantized(node: onnx.NodeProto, stored: Mapping[str, onnx.TensorProto]) -> NDArray[np.float32]:
    value, scale, *zero = (numpy_helper.to_array(stored[name]) for name in node.input)
    axis = next((one.i for one in node.attribute if one.name == "axis"), 1)
    shape = [-1 if at == axis % value.ndim else 1 for at in range(value.ndim)] if scale.ndim else []
    start = zero[0].astype(np.float32).reshape(shape) if zero else np.float32(0)
    result: NDArray[np.float32] = (value.astype(np.float32) - start) * scale.reshape(shape)
    return result


def _biases(
    graph: onnx.GraphProto, values: Mapping[str, NDArray[np.float32]]
) -> Sequence[tuple[str, NDArray[np.float32]]]:
    """Return the name of each layer with a bias, as in the graph, and the bias."""
    sources = {
        node.output[0]: node.input[0].removesuffix(_QUANTIZED)
        for node in graph.node
        if node.op_type == "DequantizeLinear"
    }
    found = []
    for node in graph.node:
        if node.op_type in _LAYERS and len(node.input) > 2:
            weight, bias = (sources.get(name, name) for name in node.input[1:3])
            if weight.endswith(".weight") and bias in values:
                found.append((weight.removesuffix(".weight"), values[bias]))
    return found
