"""Validates the graph of a bundle: against its metadata, and by the checks of all graphs."""

from collections.abc import Iterable
from typing import Final

import onnx
from onnx import TensorProto

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES, BundleMetadata
from mien.errors import BundleError, GraphError
from mien.runtime.checks.graph import check_batch, opset_of
from mien.runtime.checks.operators import DOMAINS

OLDEST_OPSET, NEWEST_OPSET, NEWEST_IR = 13, 21, 10
"""Supported by every ONNX Runtime of pyproject.toml; 13 is the first opset with per-channel int8."""

BATCH: Final = 64
"""Most faces in a batch: larger batches are not faster."""

Shape = tuple[int | None, ...]
"""Lengths of the axes; None is variable."""

Ends = dict[str, tuple[int, Shape]]
"""Type and shape of inputs or outputs by name."""


def check_graph(content: bytes, model: onnx.ModelProto, metadata: BundleMetadata) -> int:
    """Check that a graph matches the metadata and can be run, and return the number of faces in a batch.

    Args:
        content: The bytes of the file.
        model: The same file, parsed by `mien.runtime.checks.graph.parse_model`.
        metadata: Its metadata.

    Returns:
        `BATCH`, or fewer faces if they would take more memory than `mien.limits` allows.

    Raises:
        BundleError: It has other operators than `mien.runtime.checks.operators.OPERATORS`, data in other
            files, other inputs or outputs than the metadata states, takes too much memory or time, or is not
            valid ONNX.
    """
    _check_versions(model)
    try:
        _check_ends(model.graph, metadata)
        return check_batch(content, model, INPUT, metadata.input_shape, BATCH)
    except GraphError as error:
        raise BundleError(str(error)) from error


def _check_versions(model: onnx.ModelProto) -> None:
    opset = opset_of(model)
    if opset is None or not OLDEST_OPSET <= opset <= NEWEST_OPSET:
        versions = [str(item.version) for item in model.opset_import if item.domain in DOMAINS]
        raise BundleError(
            f"needs ONNX opset {', '.join(versions[:3]) or 'of no version'}; "
            f"this version of mien supports {OLDEST_OPSET} to {NEWEST_OPSET}; upgrade mien, or export again"
        )
    if model.ir_version > NEWEST_IR:
        raise BundleError(
            f"has ONNX format {model.ir_version}; this version of mien reads up to {NEWEST_IR}; "
            "upgrade mien, or export again"
        )


def _check_ends(graph: onnx.GraphProto, metadata: BundleMetadata) -> None:
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    scores = (TensorProto.FLOAT, (None, len(metadata.classes)))
    _check_values("input", inputs, {INPUT: (TensorProto.UINT8, (None, *metadata.input_shape))})
    _check_values("output", graph.output, {PROBABILITIES: scores, LOGITS: scores})


def _check_values(kind: str, values: Iterable[onnx.ValueInfoProto], expected: Ends) -> None:
    found = {value.name: (value.type.tensor_type.elem_type, _shape(value)) for value in values}
    if found != expected:
        raise BundleError(
            f"its {kind} is {_described(found)}, but its metadata states {_described(expected)}"
        )


def _shape(value: onnx.ValueInfoProto) -> Shape:
    axes = value.type.tensor_type.shape.dim
    return tuple(axis.dim_value if axis.HasField("dim_value") else None for axis in axes)


def _described(values: Ends) -> str:
    return " and ".join(f"{name} {_type(*end)}" for name, end in values.items()) or "nothing"


def _type(kind: int, shape: Shape) -> str:
    known = kind in TensorProto.DataType.values()
    word = TensorProto.DataType.Name(kind).lower() if known else f"type {kind}"
    return f"{word} ({', '.join('n' if axis is None else str(axis) for axis in shape)})"
