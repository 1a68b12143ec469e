"""The check of an ONNX file, in an order in which each step is safe after those before it.

bytes -> parts -> parsed file -> operators, attributes, stored tensors -> shapes -> consistency -> cost
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import onnx
from google.protobuf.message import DecodeError
from onnx import checker

from mien.errors import GraphError
from mien.limits import (
    MAX_BATCH_MEMORY,
    MAX_GRAPH_EDGES,
    MAX_GRAPH_MEMORY,
    MAX_GRAPH_NODES,
    MAX_GRAPH_OPERATIONS,
)
from mien.runtime.checks.consistency import check_consistency
from mien.runtime.checks.cost import Cost, cost_of
from mien.runtime.checks.operators import DOMAINS, check_nodes
from mien.runtime.checks.shapes import Inference, Tensors
from mien.runtime.checks.structure import check_structure
from mien.runtime.checks.tensors import check_tensors, stored_tensors

_REST: Final = ("sparse_initializer", "value_info", "quantization_annotation")
"""Fields of a graph that mien's exporter doesn't write; runtimes would rely on some of them."""


def parse_model(content: bytes) -> onnx.ModelProto:
    """Return a parsed ONNX file.

    Raises:
        GraphError: It has too many parts, or is truncated or damaged.
    """
    check_structure(content)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError as error:
        raise GraphError("truncated or damaged: not the wire format of ONNX") from error
    return model


def check_model(content: bytes, model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]) -> Cost:
    """Check that a graph can be given to a runtime, and return its cost; the caller limits it.

    Args:
        content: The bytes of the file.
        model: The same file, parsed by `parse_model`.
        inputs: Shape of each input, in the largest size in which the graph runs.

    Raises:
        GraphError: The graph is not valid ONNX, or has something that mien doesn't run.
    """
    check_parts(model)
    _check_validity(content)
    inference = Inference(model, inputs)
    for node in model.graph.node:
        inference.add(node)
        check_consistency(node, inference.tensors)
    tensors = inference.tensors
    _check_outputs(model.graph.output, tensors)
    return cost_of(model.graph.node, [one.name for one in model.graph.output], tensors)


def check_batch(content: bytes, model: onnx.ModelProto, name: str, face: Sequence[int], most: int) -> int:
    """Check a graph with one input of faces, and return how many it may get at a time.

    Args:
        content: The bytes of the file.
        model: The same file, parsed by `parse_model`.
        name: Name of the input.
        face: Shape of one face.
        most: Largest number of faces.

    Raises:
        GraphError: As `check_model`, or one face exceeds a limit of `mien.limits`.
    """
    cost = check_model(content, model, {name: (most, *face)})
    if cost.operations > MAX_GRAPH_OPERATIONS * most:
        raise GraphError(
            f"needs {cost.operations / most:.2g} multiply-adds for a face, expected "
            f"{MAX_GRAPH_OPERATIONS:.0e} at most"
        )
    if cost.memory <= MAX_BATCH_MEMORY:
        return most
    single = check_model(content, model, {name: (1, *face)}).memory
    if single > MAX_GRAPH_MEMORY:
        raise GraphError(
            f"needs {single >> 20:,} MiB of memory for a face, expected {MAX_GRAPH_MEMORY >> 20:,} at most"
        )
    further = max(0, MAX_BATCH_MEMORY - single) * (most - 1) // max(1, cost.memory - single)
    return min(most, 1 + further)


def _check_outputs(outputs: Iterable[onnx.ValueInfoProto], tensors: Tensors) -> None:
    """Check that the outputs have the stated shapes."""
    for output in outputs:
        stated = [axis.dim_value or None for axis in output.type.tensor_type.shape.dim]
        found = tensors.shapes.get(output.name, ())
        if len(stated) != len(found) or any(
            one not in {None, other} for one, other in zip(stated, found, strict=True)
        ):
            raise GraphError(f"not valid ONNX (its output {output.name} has the shape {list(found)})")


def check_parts(model: onnx.ModelProto) -> None:
    """Check everything that doesn't need shapes: number of nodes, operators, attributes, stored tensors.

    Raises:
        GraphError: A part of the file is not allowed.
    """
    if model.functions or model.training_info:
        raise GraphError("contains functions or training data, which bundles don't have")
    graph = model.graph
    if len(graph.node) > MAX_GRAPH_NODES:
        raise GraphError(f"{len(graph.node):,} nodes, expected {MAX_GRAPH_NODES:,} at most")
    edges = sum(len(node.input) + len(node.output) for node in graph.node)
    if edges > MAX_GRAPH_EDGES:
        raise GraphError(f"{edges:,} inputs and outputs of nodes, expected {MAX_GRAPH_EDGES:,} at most")
    check_nodes(graph.node)
    check_tensors(stored_tensors(graph))
    if rest := next((name for name in _REST if getattr(graph, name)), None):
        raise GraphError(f"has a part that graphs of mien don't have ({rest})")
    if any(value.type.WhichOneof("value") != "tensor_type" for value in chain(graph.input, graph.output)):
        raise GraphError("has an input or output that is not a tensor")


def opset_of(model: onnx.ModelProto) -> int | None:
    """Return the version of the standard operators; None if there is none, or several."""
    versions = [item.version for item in model.opset_import if item.domain in DOMAINS]
    return versions[0] if len(versions) == 1 else None


def _check_validity(content: bytes) -> None:
    try:
        checker.check_model(content)
    except Exception as error:  # ValueError and RuntimeError from C++ as well
        raise GraphError(f"not valid ONNX ({str(error).partition(chr(10))[0]})") from error
