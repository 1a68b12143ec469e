"""Graphs for inputs of any size, from files that fix it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx


def with_dynamic_shapes(content: bytes, shapes: Mapping[str, Sequence[int | None]]) -> bytes:
    """Return an ONNX file whose inputs have these shapes, and whose other shapes are not stated.

    The operators must not depend on the size themselves, as convolutions and reshapes with -1 don't.
    Shapes of outputs are freed because ONNX Runtime reports each that differs from the stated one.

    Args:
        content: The bytes of an ONNX file.
        shapes: Shape of each input to change, by name; None is a dynamic dimension.
    """
    import onnx

    model = onnx.load_model_from_string(content)
    for value in model.graph.input:
        if value.name in shapes:
            _set_shape(value, shapes[value.name])
    for value in model.graph.output:
        _set_shape(value, [None] * len(value.type.tensor_type.shape.dim))
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


def _set_shape(value: "onnx.ValueInfoProto", shape: Sequence[int | None]) -> None:
    dimensions = value.type.tensor_type.shape.dim
    del dimensions[:]
    for axis, size in enumerate(shape):
        if size is None:
            dimensions.add(dim_param=f"{value.name}_{axis}")
        else:
            dimensions.add(dim_value=size)
