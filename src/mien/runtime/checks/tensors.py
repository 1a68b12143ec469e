"""Stored tensors: initializers and constants have the bytes that their shapes need, inside the file."""

from collections.abc import Iterable
from math import prod

import onnx
from onnx import TensorProto

from mien.errors import GraphError
from mien.limits import MAX_GRAPH_RANK
from mien.runtime.checks.operators import ITEM_BYTES

_TYPED_DATA = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def check_tensors(tensors: Iterable[TensorProto]) -> None:
    """Check types, sizes and places of stored tensors.

    Raises:
        GraphError: Data is in another file, missing, of another length, or of a type that graphs don't have.
    """
    for tensor in tensors:
        if tensor.external_data or tensor.data_location:
            raise GraphError(f"stores the data of {tensor.name!r} in another file; a bundle is one file")
        if tensor.data_type not in ITEM_BYTES or tensor.HasField("segment"):
            raise GraphError(f"{tensor.name!r} is of a type that mien doesn't run (type {tensor.data_type})")
        if len(tensor.dims) > MAX_GRAPH_RANK or min(tensor.dims, default=0) < 0:
            raise GraphError(f"{tensor.name!r} has the shape {list(tensor.dims)[:9]}, which is out of range")
        stored = _stored(tensor)
        if stored != prod(tensor.dims):
            raise GraphError(
                f"not valid ONNX ({tensor.name!r} has {stored:,} numbers, but the shape {list(tensor.dims)})"
            )


def stored_tensors(graph: onnx.GraphProto) -> Iterable[TensorProto]:
    """Yield the tensors that a graph stores, in initializers and in attributes."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _stored(tensor: TensorProto) -> float:
    """Return how many numbers a tensor has; a broken one has a fraction."""
    if tensor.HasField("raw_data"):
        return len(tensor.raw_data) / ITEM_BYTES[tensor.data_type]
    return sum(len(getattr(tensor, name)) for name in _TYPED_DATA)
