import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bundle_builders import conv_bundle, tiny_card, tiny_model
from hostile_graphs import graph_with, node
from mien.bundles.metadata import INPUT
from mien.errors import GraphError
from mien.runtime.checks import graph as checked
from mien.runtime.checks.cost import Cost
from mien.runtime.checks.graph import check_batch, check_model, parse_model


def cost(model: onnx.ModelProto, faces: int = 1, size: int = 8) -> Cost:
    return check_model(model.SerializeToString(), model, {INPUT: (faces, size, size)})


def test_memory_and_operations_of_a_convolution() -> None:
    bundle = conv_bundle(size=8, classes=("a", "b"))
    one, two = (cost(parse_model(bundle.content), faces) for faces in (1, 2))
    maps, kernel = 16 * 8 * 8, 16 * 9
    assert one.memory >= 2 * 4 * maps  # the convolution and its activation
    assert one.operations >= maps * 9 + kernel
    assert one.memory < two.memory <= 2 * one.memory
    assert one.operations < two.operations <= 2 * one.operations


def test_faces_of_a_batch_fit_in_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model = parse_model(conv_bundle(size=8, classes=("a", "b")).content)
    content = model.SerializeToString()
    monkeypatch.setattr(checked, "MAX_BATCH_MEMORY", cost(model, 10).memory)
    assert check_batch(content, model, INPUT, (8, 8), 64) == 10
    monkeypatch.setattr(checked, "MAX_BATCH_MEMORY", 1)
    assert check_batch(content, model, INPUT, (8, 8), 64) == 1
    monkeypatch.setattr(checked, "MAX_GRAPH_MEMORY", cost(model, 1).memory - 1)
    with pytest.raises(GraphError, match="MiB of memory for a face"):
        check_batch(content, model, INPUT, (8, 8), 64)


def test_operations_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    model = parse_model(conv_bundle(size=8, classes=("a", "b")).content)
    monkeypatch.setattr(checked, "MAX_GRAPH_OPERATIONS", 100)
    with pytest.raises(GraphError, match="multiply-adds for a face, expected 1e\\+02 at most"):
        check_batch(model.SerializeToString(), model, INPUT, (8, 8), 64)


def test_positions_may_be_computed_from_the_number_of_faces() -> None:
    """As exporters write a pooling to one pixel."""
    nodes = [
        node("Shape", "brightness", "n", end=1),
        node("Squeeze", "n", "count"),
        node("Range", "start count step", "positions"),
        node("Gather", "brightness positions", "x", axis=0),
    ]
    model = graph_with(nodes, "x", start=0, step=1)
    for faces in (1, 64):
        assert cost(model, faces).memory
    beyond = [*nodes[:3], node("Add", "positions start", "at"), node("Gather", "brightness at", "x", axis=0)]
    with pytest.raises(GraphError, match="don't fit together"):
        cost(graph_with(beyond, "x", start=1, step=1), 64)


@pytest.mark.parametrize(
    ("kind", "inputs", "attributes", "arrays"),
    [
        ("Einsum", "brightness w", {"equation": "nk,kj->nj"}, {"w": np.ones((64, 64))}),
        ("MatMul", "brightness w", {}, {"w": np.ones((64, 64))}),
        ("Gemm", "brightness w", {}, {"w": np.ones((64, 64))}),
    ],
)
def test_products_count_their_inner_length(
    kind: str, inputs: str, attributes: dict[str, object], arrays: dict[str, object]
) -> None:
    plain = cost(graph_with([node("Relu", "brightness", "x")], "x")).operations
    found = cost(graph_with([node(kind, inputs, "x", **attributes)], "x", **arrays)).operations
    assert 64 * 64 <= found - plain < 3 * 64 * 64


@pytest.mark.parametrize("kind", ["MaxPool", "AveragePool"])
def test_padding_reaches_less_far_than_the_kernel(kind: str) -> None:
    parts = [
        node("Unsqueeze", "gray channel", "maps"),
        node(kind, "maps", "pooled", kernel_shape=[2, 2], pads=[2, 2, 2, 2]),
        node("ReduceMean", "pooled", "mean", keepdims=0),
        node("Add", "brightness mean", "x"),
    ]
    with pytest.raises(GraphError, match="don't fit together"):
        cost(graph_with(parts, "x", channel=[1]))


@pytest.mark.parametrize(
    "content",
    [
        b"\x08\x0a\x3a",
        b"\x08\x0a\x3a\xff\xff\xff\xff\x7f",
        b"\x08" + b"\xff" * 20,
        b"\x0b\x0c",
        b"\x08\x0a\x3a\x05ab",
    ],
)
def test_bytes_that_are_not_onnx_are_refused(content: bytes) -> None:
    with pytest.raises(GraphError, match="truncated or damaged"):
        parse_model(content)


def test_large_weights_are_no_structure() -> None:
    model = tiny_model(tiny_card(classes=("a", "b"), size=8))
    big = numpy_helper.from_array(np.zeros(1 << 20, np.float32), "big")
    model.graph.initializer.append(big)
    assert len(parse_model(model.SerializeToString()).graph.node) == len(model.graph.node)
    model.graph.initializer[-1].CopyFrom(
        helper.make_tensor("big", TensorProto.FLOAT, [1 << 20], np.zeros(1 << 20))
    )
    with pytest.raises(GraphError, match="bytes besides its weights"):
        parse_model(model.SerializeToString())
