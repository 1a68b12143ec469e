"""What a graph costs: memory of intermediate tensors, and multiply-adds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, Final, NamedTuple

import onnx
from onnx import helper

from mien.runtime.checks.shapes import Tensors


class Cost(NamedTuple):
    """Cost of one run of a graph.

    Attributes:
        memory: Bytes of the intermediate tensors that exist at the same time, in the order of the nodes.
        operations: Multiply-adds; other operators count once for each number that they read or write.
    """

    memory: int
    operations: int


def cost_of(nodes: Sequence[onnx.NodeProto], outputs: Iterable[str], tensors: Tensors) -> Cost:
    """Return the cost of a graph.

    Args:
        nodes: In topological order.
        outputs: Names of the outputs of the graph.
        tensors: All tensors of the graph.
    """
    return Cost(_memory(nodes, set(outputs), tensors), sum(_operations(node, tensors) for node in nodes))


def _memory(nodes: Sequence[onnx.NodeProto], outputs: set[str], tensors: Tensors) -> int:
    """Tensors that depend on no input are computed when the graph is opened, and kept."""
    last = {name: position for position, node in enumerate(nodes) for name in node.input}
    constant, alive = set(tensors.weights), dict[str, int]()
    kept = current = most = 0
    for position, node in enumerate(nodes):
        made = {name: tensors.size(name) for name in node.output}
        if node.op_type in {"Shape", "Size"} or constant.issuperset(filter(None, node.input)):
            constant.update(made)
            kept += sum(made.values())
            continue
        alive |= made
        current += sum(made.values())
        most = max(most, current + _scratch(node, tensors))
        for name in {*node.input, *node.output} - outputs:
            if last.get(name, position) <= position:
                current -= alive.pop(name, 0)
    return kept + most


def _scratch(node: onnx.NodeProto, tensors: Tensors) -> int:
    """Bytes of the columns to which a convolution of one face is unfolded."""
    if node.op_type != "Conv":
        return 0
    weight, made = tensors.shapes[node.input[1]], tensors.shapes[node.output[0]]
    return 4 * prod(weight[1:]) * prod(made[2:])


def _operations(node: onnx.NodeProto, tensors: Tensors) -> int:
    touched = sum(tensors.numbers(name) for name in (*node.input, *node.output))
    factor = _FACTORS.get(node.op_type)
    if factor is None:
        return touched
    attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    return touched + tensors.numbers(node.output[0]) * factor(node, attributes, tensors)


def _einsum(node: onnx.NodeProto, attributes: Mapping[str, Any], tensors: Tensors) -> int:
    """Product of the lengths of the axes that are summed over."""
    terms, _, made = attributes["equation"].decode().replace(" ", "").partition("->")
    lengths = {
        letter: length
        for term, name in zip(terms.split(","), node.input, strict=False)
        for letter, length in zip(term, tensors.shapes[name], strict=False)
    }
    return prod(length for letter, length in lengths.items() if letter not in made)


_FACTORS: Final[Mapping[str, Callable[[onnx.NodeProto, Mapping[str, Any], Tensors], int]]] = {
    "Conv": lambda node, _, tensors: prod(tensors.shapes[node.input[1]][1:]),
    "MatMul": lambda node, _, tensors: tensors.shapes[node.input[0]][-1],
    "Gemm": lambda node, attributes, tensors: tensors.shapes[node.input[0]][
        0 if attributes.get("transA", 0) else 1
    ],
    "MaxPool": lambda _, attributes, __: prod(attributes["kernel_shape"]),
    "AveragePool": lambda _, attributes, __: prod(attributes["kernel_shape"]),
    "LRN": lambda _, attributes, __: attributes["size"],
    "Resize": lambda *_: 64,
    "Einsum": _einsum,
}
"""Multiply-adds for each number of the first output."""
