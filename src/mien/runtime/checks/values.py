"""Values of integer tensors that follow from shapes and constants alone.

Exporters compute sizes and positions with such tensors. They are computed here, up to `MAX_VALUES` numbers
each, with the semantics of the operators' reference: ONNX's own propagation of values has no limits, so that
a Range or a few concatenations fill the memory.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Integers = NDArray[np.int64]
Attributes = Mapping[str, Any]

INTEGERS: Final[Mapping[int, type[np.generic]]] = {
    TensorProto.INT64: np.int64,
    TensorProto.INT32: np.int32,
    TensorProto.BOOL: np.bool_,
}
"""Types of tensors whose values are computed."""

MAX_VALUES: Final = 1 << 20
"""Numbers in a tensor whose values are computed."""

MAX_COMPUTED: Final = 1 << 23
"""Numbers that are computed for a graph in all."""


class Values:
    """Integer tensors whose values are known, by name.

    Args:
        stored: The stored tensors of a graph.

    Attributes:
        arrays: Their values as int64.
        kinds: Their types.
    """

    def __init__(self, stored: Iterable[TensorProto]) -> None:
        kept = [one for one in stored if one.data_type in INTEGERS and prod(one.dims) <= MAX_VALUES]
        self.arrays = {one.name: numpy_helper.to_array(one).astype(np.int64) for one in kept}
        self.kinds = {one.name: one.data_type for one in kept}
        self._left = MAX_COMPUTED

    def compute(self, node: onnx.NodeProto, shapes: Mapping[str, Sequence[int]]) -> None:
        """Add the values of the output of a node if they follow from known values and shapes.

        What can't be computed is left out: a runtime would refuse it as well, or it is not an integer.

        Args:
            node: The nodes before it were computed.
            shapes: Shapes that are known, by name.
        """
        if node.op_type not in _COMPUTE or len(node.output) != 1:
            return
        kind, name = self._kind_of(node), node.output[0]
        if kind is None or kind not in INTEGERS or name in self.arrays:
            return
        found = _computed(node, shapes, self.arrays)
        if found is not None and found.size <= self._left:
            self.arrays[name] = found.astype(INTEGERS[kind]).astype(np.int64)  # wraps as the type does
            self.kinds[name] = kind
            self._left -= found.size

    def _kind_of(self, node: onnx.NodeProto) -> int | None:
        """Return the type of an output; None if it is unknown."""
        if node.op_type in _KINDS:
            return _KINDS[node.op_type]
        attributes = {one.name: one for one in node.attribute}
        if node.op_type == "Cast":
            return attributes["to"].i if "to" in attributes else None
        if node.op_type in {"Constant", "ConstantOfShape"}:
            default = TensorProto.INT64 if node.op_type == "Constant" else TensorProto.FLOAT
            return attributes["value"].t.data_type if "value" in attributes else default
        return self.kinds.get(node.input[1 if node.op_type == "Where" else 0])

    def tensor(self, name: str) -> TensorProto:
        """Return a tensor of this name as one that is stored."""
        return numpy_helper.from_array(self.arrays[name].astype(INTEGERS[self.kinds[name]]), name)


_KINDS: Final = {"Shape": TensorProto.INT64, "Size": TensorProto.INT64} | dict.fromkeys(
    ("Not", "Equal", "Less", "Greater", "And", "Or"), TensorProto.BOOL
)
"""Types of the outputs of operators, where they don't depend on the inputs'."""


def _computed(
    node: onnx.NodeProto, shapes: Mapping[str, Sequence[int]], values: Mapping[str, Integers]
) -> Integers | None:
    attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    if node.op_type in {"Shape", "Size"}:
        shape = shapes.get(node.input[0])
        return None if shape is None else _shape(shape, attributes, all_axes=node.op_type == "Size")
    if not all(name in values for name in node.input if name):
        return None
    inputs = [values[name] if name else None for name in node.input]
    try:
        return _limited(_COMPUTE[node.op_type], inputs, attributes)
    except (ValueError, IndexError, TypeError, KeyError, ArithmeticError):
        return None


def _limited(compute: Callable[..., Any], inputs: Sequence[Any], attributes: Attributes) -> Integers | None:
    with np.errstate(all="ignore"):
        found = compute(attributes, *inputs)
    return None if found is None else np.asarray(found, np.int64)


def _shape(shape: Sequence[int], attributes: Attributes, *, all_axes: bool) -> Integers:
    if all_axes:
        return np.asarray(prod(shape), np.int64)
    return np.asarray(shape[attributes.get("start", 0) : attributes.get("end", len(shape))], np.int64)


def _small(*shape: int) -> bool:
    return prod(shape) <= MAX_VALUES


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    def compute(_: Attributes, *inputs: Integers) -> Any:  # noqa: ANN401 - numpy
        return function(*inputs) if _small(*np.broadcast_shapes(*(one.shape for one in inputs))) else None

    return compute


def _divide(one: Integers, other: Integers) -> Integers | None:
    """Integer division of ONNX truncates."""
    if (other == 0).any():
        return None
    return np.asarray(np.sign(one) * np.sign(other) * (np.abs(one) // np.abs(other)))


def _range(_: Attributes, start: Integers, limit: Integers, delta: Integers) -> Integers | None:
    begin, end, step = int(start), int(limit), int(delta)
    if step == 0 or not _small(max(0, -(-(end - begin) // step))):
        return None
    return np.arange(begin, end, step)


def _gather(attributes: Attributes, data: Integers, indices: Integers) -> Integers | None:
    axis = attributes.get("axis", 0)
    length = data.shape[axis]
    if not _small(data.size // max(length, 1), indices.size):
        return None
    return np.take(data, np.where(indices < 0, indices + length, indices), axis)


def _concat(attributes: Attributes, *inputs: Integers) -> Integers | None:
    return np.concatenate(inputs, attributes["axis"]) if _small(sum(one.size for one in inputs)) else None


def _slice(
    _: Attributes,
    data: Integers,
    starts: Integers,
    ends: Integers,
    axes: Integers | None = None,
    steps: Integers | None = None,
) -> Integers:
    axes = np.arange(len(starts)) if axes is None else axes
    steps = np.ones_like(starts) if steps is None else steps
    parts = [slice(None)] * data.ndim
    for start, end, axis, step in zip(*(one.tolist() for one in (starts, ends, axes, steps)), strict=True):
        before_first = step < 0 and end < -data.shape[axis]
        parts[axis] = slice(start, None if before_first else end, step)
    return data[tuple(parts)]


def _reshape(attributes: Attributes, data: Integers, shape: Integers) -> Integers | None:
    if attributes.get("allowzero", 0):
        return data.reshape(shape.tolist())
    return data.reshape([length or data.shape[axis] for axis, length in enumerate(shape.tolist())])


def _unsqueeze(_: Attributes, data: Integers, axes: Integers) -> Integers:
    return np.expand_dims(data, tuple(axes.tolist()))


def _squeeze(_: Attributes, data: Integers, axes: Integers | None = None) -> Integers:
    return np.squeeze(data, None if axes is None else tuple(axes.tolist()))


def _expand(_: Attributes, data: Integers, shape: Integers) -> Integers | None:
    target = np.broadcast_shapes(data.shape, tuple(shape.tolist()))
    return np.broadcast_to(data, target) if _small(*target) else None


def _constant_of_shape(attributes: Attributes, shape: Integers) -> Integers | None:
    value = attributes.get("value")
    fill = numpy_helper.to_array(value).item() if value is not None else 0
    return np.full(shape.tolist(), int(fill)) if _small(*shape.tolist()) else None


def _constant(attributes: Attributes) -> Integers | None:
    if "value" in attributes:
        tensor = attributes["value"]
        if tensor.data_type not in INTEGERS or not _small(*tensor.dims):
            return None
        return numpy_helper.to_array(tensor).astype(np.int64)
    numbers = attributes.get("value_ints", attributes.get("value_int"))
    return None if numbers is None else np.asarray(numbers, np.int64)


_COMPUTE: Final[Mapping[str, Callable[..., Any]]] = {
    "Shape": _shape,
    "Size": _shape,
    "Range": _range,
    "Gather": _gather,
    "Concat": _concat,
    "Slice": _slice,
    "Reshape": _reshape,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Expand": _expand,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Identity": lambda _, data: data,
    "Cast": lambda _, data: data,
    "Neg": _elementwise(np.negative),
    "Abs": _elementwise(np.abs),
    "Not": _elementwise(np.logical_not),
    "Add": _elementwise(np.add),
    "Sub": _elementwise(np.subtract),
    "Mul": _elementwise(np.multiply),
    "Div": _elementwise(_divide),
    "Equal": _elementwise(np.equal),
    "Less": _elementwise(np.less),
    "Greater": _elementwise(np.greater),
    "And": _elementwise(np.logical_and),
    "Or": _elementwise(np.logical_or),
    "Where": _elementwise(lambda condition, one, other: np.where(condition != 0, one, other)),
}
"""What computes the values of an operator, from its attributes and the values of its inputs."""
