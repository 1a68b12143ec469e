"""Validates the graph of a bundle against its metadata, and rejects everything a bundle never needs."""

from collections.abc import Iterable, Iterator
from typing import Final

import onnx
from google.protobuf.message import Message
from onnx import TensorProto, checker

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES, BundleMetadata
from mien.errors import BundleError

OLDEST_OPSET, NEWEST_OPSET, NEWEST_IR = 13, 21, 10
"""Supported by every ONNX Runtime of pyproject.toml; 13 is the first opset with per-channel int8."""

DOMAINS: Final = ("", "ai.onnx")
"""The two names of the standard operator domain, the only one allowed."""

Shape = tuple[int | None, ...]
"""Lengths of the axes; None is variable."""

Ends = dict[str, tuple[int, Shape]]
"""Type and shape of inputs or outputs by name."""


def check_graph(content: bytes, model: onnx.ModelProto, metadata: BundleMetadata) -> None:
    """Check that a graph matches the metadata and has nothing that no bundle needs.

    Args:
        content: The bytes of the file.
        model: The same file, parsed.
        metadata: Its metadata.

    Raises:
        BundleError: It has other operators than the standard's, data in other files, other inputs or outputs
            than the metadata states, or is not valid ONNX.
    """
    _check_versions(model)
    _check_parts(model)
    _check_ends(model.graph, metadata)
    _check_validity(content)


def _check_versions(model: onnx.ModelProto) -> None:
    versions = [item.version for item in model.opset_import if item.domain in DOMAINS]
    if len(versions) != 1 or not OLDEST_OPSET <= versions[0] <= NEWEST_OPSET:
        raise BundleError(
            f"needs ONNX opset {', '.join(map(str, versions)) or 'of no version'}; "
            f"this version of mien supports {OLDEST_OPSET} to {NEWEST_OPSET}; upgrade mien, or export again"
        )
    if model.ir_version > NEWEST_IR:
        raise BundleError(
            f"has ONNX format {model.ir_version}; this version of mien reads up to {NEWEST_IR}; "
            "upgrade mien, or export again"
        )


def _check_parts(model: onnx.ModelProto) -> None:
    if model.functions or model.training_info:
        raise BundleError("contains functions or training data, which bundles don't have")
    for part in _parts(model):
        if isinstance(part, TensorProto) and (part.external_data or part.data_location):
            raise BundleError(f"stores the data of {part.name!r} in another file; a bundle is one file")
        if isinstance(part, onnx.NodeProto) and part.domain not in DOMAINS:
            raise BundleError(
                f"needs the operator {part.domain}.{part.op_type}, which is not a standard ONNX operator"
            )


def _parts(message: Message) -> Iterator[Message]:
    """Yield a message and everything inside it, at any depth, so that no tensor hides in an attribute."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for child in [value] if isinstance(value, Message) else value:
                yield from _parts(child)


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


def _check_validity(content: bytes) -> None:
    try:
        checker.check_model(content, full_check=True)
    except Exception as error:  # ValueError and RuntimeError from C++ as well
        reason = str(error).partition("\n")[0]
        raise BundleError(f"not valid ONNX ({reason})") from error
