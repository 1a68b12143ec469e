"""The shapes of all tensors of a graph, before it runs, for inputs of fixed shapes.

ONNX's own shape inference finds them. Where a shape is computed by the graph, its values are computed first
(`mien.runtime.checks.values`); if it follows from an inner shape, the inference is repeated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, shape_inference

from mien.errors import GraphError
from mien.limits import MAX_GRAPH_RANK
from mien.runtime.checks.operators import ITEM_BYTES
from mien.runtime.checks.values import INTEGERS, Values

Shape = tuple[int, ...]
PartialShape = tuple[int | None, ...]

_ROUNDS: Final = 32
"""Most repetitions of the inference."""

_SMALL: Final = 1024
"""Numbers of an integer weight that shape inference may read, as the shape of a Reshape."""

_SCALES: Final = MAX_GRAPH_RANK
"""Numbers of another weight that it may read, as the scales of a Resize."""


@dataclass(frozen=True)
class Tensors:
    """All tensors of a graph.

    Attributes:
        kinds: Type by name, as in `TensorProto.DataType`.
        shapes: Shape by name.
        values: Values of integer tensors that don't depend on the input's, by name.
        weights: Names of the stored tensors.
    """

    kinds: Mapping[str, int]
    shapes: Mapping[str, Shape]
    values: Mapping[str, NDArray[np.int64]]
    weights: frozenset[str] = field(default_factory=frozenset)

    def numbers(self, name: str) -> int:
        """Return how many numbers a tensor has; 0 for an omitted input."""
        return prod(self.shapes[name]) if name else 0

    def size(self, name: str) -> int:
        """Return the bytes of a tensor; 0 for an omitted input."""
        return self.numbers(name) * ITEM_BYTES[self.kinds[name]] if name else 0


def infer_tensors(model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]) -> Tensors:
    """Return the tensors of a graph.

    Args:
        model: Has passed the checks of operators and stored tensors.
        inputs: Shape of each input.

    Raises:
        GraphError: The graph is inconsistent, or a shape depends on the values of an input.
    """
    skeleton, values = _skeleton(model, inputs), Values(model.graph.initializer)
    known = {name: tuple(shape) for name, shape in inputs.items()}
    for _ in range(_ROUNDS):
        is_new = values.compute(model.graph.node, known)
        if is_new:
            _fold(skeleton, values)
        elif len(known) > len(inputs):
            break
        kinds, shapes = _infer(skeleton)
        known = _known(shapes)
        if _unknown(model.graph, known) is None:
            values.compute(model.graph.node, known)
            weights = frozenset(one.name for one in model.graph.initializer)
            return Tensors(kinds, known, values.arrays, weights)
    raise GraphError(
        f"the shape of {_unknown(model.graph, known)!r} is unknown before the graph runs; expected shapes "
        "that depend on the size of the input only"
    )


def _skeleton(model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]) -> onnx.ModelProto:
    """Return a copy without the data of large weights and with inputs of fixed shapes."""
    copy = onnx.ModelProto(ir_version=model.ir_version)
    copy.opset_import.extend(model.opset_import)
    copy.graph.name = "graph"
    copy.graph.node.extend(model.graph.node)
    copy.graph.initializer.extend(map(_header, model.graph.initializer))
    copy.graph.input.extend(one for one in model.graph.input)
    for value in copy.graph.input:
        if value.name in inputs:
            shape = value.type.tensor_type.shape
            shape.ClearField("dim")
            for length in inputs[value.name]:
                shape.dim.add(dim_value=length)
    for output in model.graph.output:
        copy.graph.output.add(name=output.name).type.tensor_type.elem_type = output.type.tensor_type.elem_type
    return copy


def _header(weight: TensorProto) -> TensorProto:
    if prod(weight.dims) <= (_SMALL if weight.data_type in INTEGERS else _SCALES):
        return weight
    return TensorProto(name=weight.name, dims=weight.dims, data_type=weight.data_type)


def _infer(model: onnx.ModelProto) -> tuple[dict[str, int], dict[str, PartialShape | None]]:
    try:
        content = shape_inference.infer_shapes(
            model.SerializeToString(), check_type=True, strict_mode=True, data_prop=False
        )
    except Exception as error:  # ValueError and RuntimeError from C++ as well
        raise GraphError(f"not valid ONNX ({' '.join(str(error).split())[:300]})") from error
    found = list(_described(onnx.load_model_from_string(content) if isinstance(content, bytes) else content))
    return {name: kind for name, kind, _ in found}, {name: shape for name, _, shape in found}


def _described(model: onnx.ModelProto) -> Iterator[tuple[str, int, PartialShape | None]]:
    graph = model.graph
    for value in [*graph.input, *graph.value_info, *graph.output]:
        kind = value.type.tensor_type
        lengths = (axis.dim_value if axis.HasField("dim_value") else None for axis in kind.shape.dim)
        yield value.name, kind.elem_type, tuple(lengths) if kind.HasField("shape") else None
    for weight in graph.initializer:
        yield weight.name, weight.data_type, tuple(weight.dims)


def _known(shapes: Mapping[str, PartialShape | None]) -> dict[str, Shape]:
    """Return the shapes without unknown lengths."""
    return {
        name: tuple(length for length in shape if length is not None)
        for name, shape in shapes.items()
        if shape is not None and None not in shape
    }


def _unknown(graph: onnx.GraphProto, shapes: Mapping[str, object]) -> str | None:
    """Return the first tensor of unknown shape, in the order of the nodes, or None."""
    names = (name for node in graph.node for name in (*node.input, *node.output) if name)
    return next((name for name in names if name not in shapes), None)


def _fold(skeleton: onnx.ModelProto, values: Values) -> None:
    """Replace the nodes whose values are known by weights."""
    nodes = list(skeleton.graph.node)
    del skeleton.graph.node[:]
    for node in nodes:
        if node.output[0] in values.arrays:
            skeleton.graph.initializer.append(values.tensor(node.output[0]))
        else:
            skeleton.graph.node.append(node)


def check_shapes(tensors: Tensors) -> None:
    """Check types, ranks and lengths.

    Raises:
        GraphError: One is out of range.
    """
    for name, shape in tensors.shapes.items():
        if tensors.kinds[name] not in ITEM_BYTES:
            raise GraphError(f"{name!r} is of a type that mien doesn't run (type {tensors.kinds[name]})")
        if name not in tensors.weights and (len(shape) > MAX_GRAPH_RANK or min(shape, default=1) < 1):
            raise GraphError(f"{name!r} has the shape {list(shape)[:9]}, which is out of range")
