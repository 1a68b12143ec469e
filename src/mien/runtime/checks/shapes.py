"""The shapes of all tensors of a graph, before it runs, for inputs of fixed shapes.

ONNX's shape inference finds the outputs of one node at a time, so that each node is checked before a later
one depends on it: the inference of some operators ends the process on an empty tensor. Shapes that the graph
computes are computed as well (`mien.runtime.checks.values`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, TypeProto, defs, helper, shape_inference

from mien.errors import GraphError
from mien.limits import MAX_GRAPH_RANK
from mien.runtime.checks.operators import DOMAINS, ITEM_BYTES, described
from mien.runtime.checks.values import Values

Shape = tuple[int, ...]

_SMALL: Final = 1024
"""Numbers of a known tensor that shape inference may read, as the shape of a Reshape."""

_SCALES: Final = MAX_GRAPH_RANK
"""Numbers of a weight of floats that it may read, as the scales of a Resize."""


@dataclass(frozen=True)
class Tensors:
    """All tensors of a graph.

    Attributes:
        kinds: Type by name, as in `TensorProto.DataType`.
        shapes: Shape by name.
        values: Values of integer tensors that don't depend on the input's, by name.
        weights: Names of the stored tensors.
    """

    kinds: dict[str, int]
    shapes: dict[str, Shape]
    values: Mapping[str, NDArray[np.int64]]
    weights: frozenset[str] = field(default_factory=frozenset)

    def numbers(self, name: str) -> int:
        """Return how many numbers a tensor has; 0 for an omitted input."""
        return prod(self.shapes[name]) if name else 0

    def size(self, name: str) -> int:
        """Return the bytes of a tensor; 0 for an omitted input."""
        return self.numbers(name) * ITEM_BYTES[self.kinds[name]] if name else 0


class Inference:
    """Finds the tensors of a graph, node by node.

    Args:
        model: Has passed the checks of operators and stored tensors.
        inputs: Shape of each input.

    Attributes:
        tensors: Those that are known so far.
    """

    def __init__(self, model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]) -> None:
        graph = model.graph
        self._values = Values(graph.initializer)
        self._opsets = [helper.make_opsetid(item.domain, item.version) for item in model.opset_import]
        self._opset = next(item.version for item in model.opset_import if item.domain in DOMAINS)
        kinds = {one.name: one.type.tensor_type.elem_type for one in graph.input if one.name in inputs}
        shapes = {name: tuple(shape) for name, shape in inputs.items()}
        self._scales = {
            one.name: one
            for one in graph.initializer
            if one.data_type == TensorProto.FLOAT and prod(one.dims) <= _SCALES
        }
        for weight in graph.initializer:
            kinds[weight.name], shapes[weight.name] = weight.data_type, tuple(weight.dims)
        weights = frozenset(one.name for one in graph.initializer)
        self.tensors = Tensors(kinds, shapes, self._values.arrays, weights)

    def add(self, node: onnx.NodeProto) -> None:
        """Add the outputs of a node.

        Raises:
            GraphError: Its inputs don't fit, or an output is of unknown or invalid shape.
        """
        self._check_inputs(node)
        self._values.compute(node, self.tensors.shapes)
        made = self._infer(node)
        for name in filter(None, node.output):
            kind, shape = self._described(name, made)
            if shape is None:
                raise GraphError(
                    f"the shape of {name!r} is unknown before the graph runs; expected shapes that depend on "
                    "the size of the input only"
                )
            _check_shape(name, kind, shape)
            self.tensors.kinds[name], self.tensors.shapes[name] = kind, shape

    def _check_inputs(self, node: onnx.NodeProto) -> None:
        """Only a Resize may have an empty input, its region or scales."""
        for position, name in enumerate(node.input):
            if name and name not in self.tensors.shapes:
                raise GraphError(f"not valid ONNX ({described(node)}: no tensor {name!r} before it)")
            if name and 0 in self.tensors.shapes[name] and not (node.op_type == "Resize" and position > 0):
                raise GraphError(f"{described(node)}: its input {name!r} is empty")

    def _infer(self, node: onnx.NodeProto) -> Mapping[str, TypeProto]:
        names = set(filter(None, node.input))
        types = {name: self._type(name) for name in names}
        try:
            schema = defs.get_schema(node.op_type, self._opset, "")
            return shape_inference.infer_node_outputs(
                schema, node, types, dict(self._data(names)), opset_imports=self._opsets
            )
        except Exception as error:  # ValueError and RuntimeError from C++ as well
            reason = " ".join(str(error).split())[:300]
            raise GraphError(f"not valid ONNX ({described(node)}: {reason})") from error

    def _type(self, name: str) -> TypeProto:
        return helper.make_tensor_type_proto(self.tensors.kinds[name], self.tensors.shapes[name])

    def _data(self, names: set[str]) -> Iterator[tuple[str, TensorProto]]:
        for name in names:
            if name in self._values.arrays and self._values.arrays[name].size <= _SMALL:
                yield name, self._values.tensor(name)
            elif name in self._scales:
                yield name, self._scales[name]

    def _described(self, name: str, made: Mapping[str, TypeProto]) -> tuple[int, Shape | None]:
        """Return type and shape of an output; no shape if it is unknown."""
        if name in self._values.arrays:
            return self._values.kinds[name], self._values.arrays[name].shape
        kind = made[name].tensor_type if name in made else TypeProto.Tensor()
        lengths = [axis.dim_value for axis in kind.shape.dim if axis.HasField("dim_value")]
        known = kind.HasField("shape") and len(lengths) == len(kind.shape.dim)
        return kind.elem_type, tuple(lengths) if known else None


def _check_shape(name: str, kind: int, shape: Shape) -> None:
    if kind not in ITEM_BYTES:
        raise GraphError(f"{name!r} is of a type that mien doesn't run (type {kind})")
    if len(shape) > MAX_GRAPH_RANK or min(shape, default=1) < 1:
        raise GraphError(f"{name!r} has the shape {list(shape)[:9]}, which is out of range")
