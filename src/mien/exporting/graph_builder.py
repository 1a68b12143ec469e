"""An ONNX graph under construction, from the input to the outputs of a bundle."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.exporting.convert import OPSET, cleaned


class GraphBuilder:
    """A graph under construction."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.weights: list[TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], output: str, **options: int | str | list[int]) -> str:
        """Append a node with the name of its output, and return that name."""
        node = helper.make_node(kind, inputs, [output], output, **options)  # type: ignore[arg-type]
        self.nodes.append(node)
        return output

    def number(self, name: str, value: float) -> str:
        """Add a float32 scalar."""
        return self.numbers(name, value)

    def numbers(self, name: str, values: ArrayLike) -> str:
        """Add a float32 array."""
        return self._constant(name, np.array(values, np.float32))

    def kernel(self, name: str, values: NDArray[np.int64], channels: int) -> str:
        """Add the weights (h, w) of a convolution that treats each channel alike."""
        return self._constant(name, np.repeat(values.astype(np.float32)[None, None], channels, axis=0))

    def integers(self, name: str, values: Sequence[int]) -> str:
        """Add a vector of int64."""
        return self._constant(name, np.array(values, np.int64))

    def model(self, face: Sequence[int], classes: int, ir_version: int) -> onnx.ModelProto:
        """Return the model; `face` is the shape of one face."""
        outputs: Sequence[str | int] = ["n", classes]
        graph = helper.make_graph(
            self.nodes,
            "mien",
            [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", *face])],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, outputs)
                for name in (PROBABILITIES, LOGITS)
            ],
            self.weights,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        return cleaned(helper.make_model(graph, opset_imports=opsets, ir_version=ir_version))

    def _constant(self, name: str, values: np.ndarray[Any, Any]) -> str:
        self.weights.append(numpy_helper.from_array(values, name))
        return name
