"""Nodes whose inputs fit together, where shape inference doesn't check it and a runtime may rely on it.

Violations would make a runtime read outside of a tensor or divide by zero.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import onnx
from onnx import TensorProto, helper

from mien.errors import GraphError
from mien.runtime.checks.operators import described
from mien.runtime.checks.shapes import Tensors

Attributes = Mapping[str, Any]
Rule = Callable[[onnx.NodeProto, Attributes, Tensors], bool]

_FLOATS: Final = frozenset({TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16})


def check_consistency(node: onnx.NodeProto, tensors: Tensors) -> None:
    """Check the inputs and attributes of a node, whose outputs are known.

    Raises:
        GraphError: They don't fit together.
    """
    rule = _RULES.get(node.op_type)
    if rule is None:
        return
    attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    if not rule(node, attributes, tensors):
        shapes = ", ".join(str(list(tensors.shapes[name])) for name in node.input if name)
        raise GraphError(
            f"{described(node)}: its inputs (of shape {shapes}) or attributes don't fit together, or are not "
            "constant"
        )


def _input(node: onnx.NodeProto, position: int) -> str:
    """Return the name of an input, "" if it is omitted."""
    return node.input[position] if position < len(node.input) else ""


def _has_shape(tensors: Tensors, names: Iterable[str], shape: Sequence[int]) -> bool:
    return all(tensors.shapes[name] == tuple(shape) for name in names if name)


def _conv(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    data, weight = (tensors.shapes[node.input[at]] for at in (0, 1))
    group, spatial = attributes.get("group", 1), len(data) - 2
    return (
        3 <= len(data) == len(weight) <= 5
        and weight[1] * group == data[1]
        and weight[0] % group == 0
        and _has_shape(tensors, [_input(node, 2)], weight[:1])
        and tuple(attributes.get("kernel_shape", weight[2:])) == weight[2:]
        and _fits_axes(attributes, spatial)
    )


def _fits_axes(attributes: Attributes, spatial: int) -> bool:
    expected = {"strides": spatial, "dilations": spatial, "kernel_shape": spatial, "pads": 2 * spatial}
    return all(len(attributes.get(name, range(count))) == count for name, count in expected.items())


def _pool(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    """Padding is smaller than the kernel, so that each window has at least one number."""
    spatial = len(tensors.shapes[node.input[0]]) - 2
    if not (1 <= spatial <= 3 and "kernel_shape" in attributes and _fits_axes(attributes, spatial)):
        return False
    kernel = attributes["kernel_shape"]
    pads = attributes.get("pads", [0] * 2 * spatial)
    return all(pad < side for pad, side in zip(pads, [*kernel, *kernel], strict=True))


def _per_channel(node: onnx.NodeProto, _: Attributes, tensors: Tensors) -> bool:
    """All further inputs have one number per channel."""
    data = tensors.shapes[node.input[0]]
    return len(data) >= 2 and _has_shape(tensors, node.input[1:], data[1:2])


def _group_norm(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    data, groups = tensors.shapes[node.input[0]], attributes.get("num_groups", 1)
    fits = any(_has_shape(tensors, node.input[1:], [length]) for length in (groups, *data[1:2]))
    return len(data) >= 2 and data[1] % groups == 0 and fits


def _layer_norm(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    data, axis = tensors.shapes[node.input[0]], attributes.get("axis", -1)
    return -len(data) <= axis < len(data) and _has_shape(tensors, node.input[1:], data[axis:])


def _quantization(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    """One scale, or one per index of an axis; the zero point has the same shape. No blocks."""
    data, scale = (tensors.shapes[node.input[at]] for at in (0, 1))
    axis = attributes.get("axis", 1)
    per_axis = len(scale) == 1 and -len(data) <= axis < len(data) and scale[0] in {1, data[axis]}
    fits = _has_shape(tensors, [_input(node, 2)], scale)
    return fits and (scale == () or per_axis or scale == (1,)) and not attributes.get("block_size", 0)


def _division(node: onnx.NodeProto, _: Attributes, tensors: Tensors) -> bool:
    """A division of integers by zero ends the process."""
    divisor = node.input[1]
    if tensors.kinds[divisor] in _FLOATS:
        return True
    return divisor in tensors.values and bool((tensors.values[divisor] >= 1).all())


def _gather(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    data, axis = tensors.shapes[node.input[0]], attributes.get("axis", 0)
    if not -len(data) <= axis < len(data) or node.input[1] not in tensors.values:
        return False
    positions = tensors.values[node.input[1]]
    return bool(((positions >= -data[axis]) & (positions < data[axis])).all())


def _reshape(node: onnx.NodeProto, _: Attributes, tensors: Tensors) -> bool:
    return tensors.numbers(node.output[0]) == tensors.numbers(node.input[0])


def _pad(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    data, pads = tensors.shapes[node.input[0]], tensors.values.get(_input(node, 1))
    axes = tensors.values.get(_input(node, 3)) if _input(node, 3) else range(len(data))
    mode = attributes.get("mode", b"constant")
    if pads is None or axes is None or len(pads) != 2 * len(axes) or int(pads.min(initial=0)) < 0:
        return False
    if mode != b"reflect":
        return mode in {b"constant", b"edge"}
    lengths = [data[int(axis)] for axis in axes if -len(data) <= axis < len(data)]
    return len(lengths) == len(axes) and all(
        pad < length for pad, length in zip(pads.tolist(), [*lengths, *lengths], strict=True)
    )


def _slice(node: onnx.NodeProto, _: Attributes, tensors: Tensors) -> bool:
    names = [name for name in node.input[1:] if name]
    steps = tensors.values.get(_input(node, 4))
    small = steps is None or bool(((steps != 0) & (abs(steps) < 1 << 31)).all())
    return small and all(name in tensors.values for name in names)


def _split(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    data, axis = tensors.shapes[node.input[0]], attributes.get("axis", 0)
    if not -len(data) <= axis < len(data):
        return False
    return sum(tensors.shapes[name][axis] for name in node.output if name) == data[axis]


def _resize(node: onnx.NodeProto, attributes: Attributes, tensors: Tensors) -> bool:
    """Region and scales are constant, and the number of axes stays."""
    data, made = tensors.shapes[node.input[0]], tensors.shapes[node.output[0]]
    plain = attributes.get("coordinate_transformation_mode", b"half_pixel") != b"tf_crop_and_resize"
    region = _input(node, 1)
    return plain and len(data) == len(made) and (not region or region in tensors.weights)


def _prelu(node: onnx.NodeProto, _: Attributes, tensors: Tensors) -> bool:
    return tensors.shapes[node.output[0]] == tensors.shapes[node.input[0]]


def _gemm(node: onnx.NodeProto, _: Attributes, tensors: Tensors) -> bool:
    addend = _input(node, 2)
    if not addend:
        return True
    made, added = tensors.shapes[node.output[0]], tensors.shapes[addend]
    lengths = zip(reversed(added), reversed(made), strict=False)
    return len(added) <= 2 and all(one in {1, other} for one, other in lengths)


def _einsum(node: onnx.NodeProto, attributes: Attributes, _: Tensors) -> bool:
    """One or two operands, written out."""
    return len(node.input) <= 2 and b"." not in attributes["equation"] and b"->" in attributes["equation"]


_RULES: Final[Mapping[str, Rule]] = {
    "Conv": _conv,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "BatchNormalization": _per_channel,
    "InstanceNormalization": _per_channel,
    "GroupNormalization": _group_norm,
    "LayerNormalization": _layer_norm,
    "QuantizeLinear": _quantization,
    "DequantizeLinear": _quantization,
    "Div": _division,
    "Mod": _division,
    "Gather": _gather,
    "Reshape": _reshape,
    "Pad": _pad,
    "Slice": _slice,
    "Split": _split,
    "Resize": _resize,
    "PRelu": _prelu,
    "Gemm": _gemm,
    "Einsum": _einsum,
}
"""What has to hold for the inputs and attributes of an operator."""
