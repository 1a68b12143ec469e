"""Graphs of an attacker who can seal bundles: valid metadata and digest around anything.

Each builder changes the graph of a tiny bundle such that a runtime would crash, never end or fill the memory.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx
from onnx import AttributeProto, NodeProto, TensorProto, helper, numpy_helper

from bundle_builders import tiny_card, tiny_model
from mien.bundles.seal import sealed

METADATA = tiny_card(classes=("dark", "bright"), size=8)

Builder = Callable[[], onnx.ModelProto]


def sealed_hostile(builder: Builder) -> bytes:
    """Return the bytes of a bundle whose seal is valid."""
    return sealed(builder(), METADATA)


def graph_with(nodes: Sequence[NodeProto], result: str, **arrays: object) -> onnx.ModelProto:
    """Return the tiny graph with nodes between the brightness (n, 64) and the last layer.

    Args:
        nodes: They may use "brightness", float (n, 64), "faces" and the arrays.
        result: Name of the tensor that the last layer gets.
        arrays: Weights by name; integers are int64.
    """
    model = tiny_model(METADATA)
    last = [node.op_type for node in model.graph.node].index("Gemm")
    model.graph.node[last].input[0] = result
    rest = list(model.graph.node[last:])
    del model.graph.node[last:]
    model.graph.node.extend([*nodes, *rest])
    for name, values in arrays.items():
        array = np.asarray(values)
        kind = np.int64 if array.dtype.kind == "i" else np.float32
        model.graph.initializer.append(numpy_helper.from_array(array.astype(kind), name))
    return model


def node(kind: str, inputs: str, output: str, **attributes: object) -> NodeProto:
    """Return a node; `inputs` are separated by spaces."""
    return helper.make_node(kind, inputs.split(), [output], **attributes)  # type: ignore[arg-type]


def reduced(kind: str, inputs: str, mode: str | None = None, **arrays: object) -> onnx.ModelProto:
    """Return a graph that adds the mean of what one node makes of its inputs."""
    parts = [
        node(kind, inputs, "big", **({} if mode is None else {"mode": mode})),
        node("ReduceMean", "big", "mean", keepdims=0),
        node("Add", "brightness mean", "x"),
    ]
    return graph_with(parts, "x", **arrays)


def filled(shape: Sequence[int]) -> onnx.ModelProto:
    return reduced("ConstantOfShape", "shape", shape=shape)


def many_filled() -> onnx.ModelProto:
    """Constants that are small alone, and would all be computed when the graph is opened."""
    nodes = [node("ConstantOfShape", "shape", f"c{number}") for number in range(40)]
    total = node("Sum", " ".join(f"c{number}" for number in range(40)), "total")
    mean = node("ReduceMean", "total", "mean", keepdims=0)
    return graph_with([*nodes, total, mean, node("Add", "brightness mean", "x")], "x", shape=[1 << 24])


def chain(length: int, kind: str = "Relu") -> onnx.ModelProto:
    nodes = [node(kind, f"c{step}" if step else "brightness", f"c{step + 1}") for step in range(length)]
    return graph_with(nodes, f"c{length}")


def computed_shape(kind: str) -> onnx.ModelProto:
    """The size of a tensor is computed from the pixels."""
    nodes = [
        node("Cast", "brightness", "numbers", to=TensorProto.INT64),
        node("ReduceMax", "numbers", "shape", keepdims=0),
        node("Unsqueeze", "shape first", "length"),
        node("ReduceMean", "brightness", "single", keepdims=0),
        node(kind, "single length" if kind == "Expand" else "length", "big"),
        node("ReduceMean", "big", "mean", keepdims=0),
        node("Add", "brightness mean", "x"),
    ]
    return graph_with(nodes, "x", first=[0])


def sliced(
    starts: Sequence[int], ends: Sequence[int], steps: Sequence[int], data: str = "brightness"
) -> onnx.ModelProto:
    parts = [
        node("Slice", f"{data} starts ends axes steps", "part"),
        node("ReduceMean", "part", "mean", keepdims=0),
        node("Add", "brightness mean", "x"),
    ]
    arrays = {"starts": starts, "ends": ends, "steps": steps, "axes": [1], "none": np.zeros((1, 0))}
    return graph_with(parts, "x", **arrays)


def huge_range() -> onnx.ModelProto:
    nodes = [
        node("Range", "start end step", "whole"),
        node("Cast", "whole", "big", to=TensorProto.FLOAT),
        node("ReduceMean", "big", "mean", keepdims=0),
        node("Add", "brightness mean", "x"),
    ]
    return graph_with(nodes, "x", start=0, end=1 << 40, step=1)


def doubling(steps: int) -> onnx.ModelProto:
    """Integers that double their number with each node, and are computed before the graph runs."""
    nodes = [node("Concat", f"s{at} s{at}", f"s{at + 1}", axis=0) for at in range(steps)]
    nodes += [
        node("ReduceMax", f"s{steps}", "most", keepdims=0),
        node("Cast", "most", "number", to=TensorProto.FLOAT),
        node("Add", "brightness number", "x"),
    ]
    return graph_with(nodes, "x", s0=[1])


def subgraph(kind: str, **attributes: object) -> onnx.ModelProto:
    body = helper.make_graph([node("Identity", "brightness", "inner")], "body", [], [])
    return graph_with([node(kind, "brightness", "x", body=body, **attributes)], "x")


def nested(depth: int) -> onnx.ModelProto:
    """Subgraphs in subgraphs."""
    body = helper.make_graph([node("Identity", "brightness", "inner")], "body", [], [])
    for _ in range(depth):
        body = helper.make_graph([node("If", "brightness", "x", then_branch=body)], "body", [], [])
    return graph_with(list(body.node), "x")


def matmuls() -> onnx.ModelProto:
    """Few nodes, little memory, years of multiplications."""
    nodes = [node("ReduceMean", "brightness", "single", keepdims=0), node("Expand", "single wide", "m0")]
    nodes += [node("MatMul", f"m{step} m{step}", f"m{step + 1}") for step in range(100)]
    nodes += [node("ReduceMean", "m100", "mean", keepdims=0), node("Add", "brightness mean", "x")]
    return graph_with(nodes, "x", wide=[4096, 4096])


def attributes(count: int) -> onnx.ModelProto:
    model = graph_with([node("Relu", "brightness", "x")], "x")
    target = next(one for one in model.graph.node if one.op_type == "Relu")
    target.attribute.extend(
        AttributeProto(name=f"a{number}", type=AttributeProto.INT) for number in range(count)
    )
    return model


def numbers(count: int) -> onnx.ModelProto:
    return graph_with([node("Transpose", "brightness", "x", perm=[0, 1] * count)], "x")


def convolved(weight: Sequence[int], bias: int = 1, **attributes: object) -> onnx.ModelProto:
    nodes = [
        node("Unsqueeze", "gray channel", "maps"),
        node("Conv", "maps w b", "made", **attributes),
        node("ReduceMean", "made", "mean", keepdims=0),
        node("Add", "brightness mean", "x"),
    ]
    return graph_with(nodes, "x", w=np.ones(weight), b=np.ones(bias), channel=[1])


def divided(by: Sequence[int]) -> onnx.ModelProto:
    """A division of integers, whose divisor may be zero."""
    nodes = [
        node("Cast", "brightness", "whole", to=TensorProto.INT64),
        node("Div", "whole by", "part"),
        node("Cast", "part", "x", to=TensorProto.FLOAT),
    ]
    return graph_with(nodes, "x", by=by)


def divided_by_pixels() -> onnx.ModelProto:
    nodes = [
        node("Cast", "brightness", "whole", to=TensorProto.INT64),
        node("Mod", "whole whole", "part"),
        node("Cast", "part", "x", to=TensorProto.FLOAT),
    ]
    return graph_with(nodes, "x")


def gathered(positions: Sequence[int]) -> onnx.ModelProto:
    parts = [node("Gather", "brightness at", "x", axis=1)]
    return graph_with(parts, "x", at=positions)


def huge_dimension() -> onnx.ModelProto:
    model = tiny_model(METADATA)
    model.graph.initializer.append(TensorProto(name="huge", dims=[1 << 40], data_type=TensorProto.FLOAT))
    return model


def text_weight() -> onnx.ModelProto:
    model = tiny_model(METADATA)
    model.graph.initializer.append(helper.make_tensor("words", TensorProto.STRING, [1], [b"word"]))
    return model


def false_shape() -> onnx.ModelProto:
    """An inner tensor whose stated shape is not its real one."""
    model = tiny_model(METADATA)
    model.graph.value_info.append(helper.make_tensor_value_info("brightness", TensorProto.FLOAT, [1]))
    return model


def empty_nodes(count: int) -> onnx.ModelProto:
    model = tiny_model(METADATA)
    model.graph.node.extend(NodeProto() for _ in range(count))
    return model


def weights(count: int) -> onnx.ModelProto:
    model = tiny_model(METADATA)
    model.graph.initializer.extend(TensorProto() for _ in range(count))
    return model


def wide_sum(count: int) -> onnx.ModelProto:
    return graph_with([node("Sum", "brightness " * count, "x")], "x")


def foreign() -> onnx.ModelProto:
    model = graph_with([node("Relu", "brightness", "x", domain="com.microsoft")], "x")
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return model


def rank(axes: int) -> onnx.ModelProto:
    nodes = [node("Unsqueeze", "brightness axes", "deep"), node("Squeeze", "deep axes", "x")]
    return graph_with(nodes, "x", axes=list(range(2, 2 + axes)))


MEMORY = "of memory for a face"
COST = "multiply-adds for a face|of memory for a face"
MISFIT = "don't fit together, or are not constant"
UNKNOWN = "unknown before the graph runs"

HOSTILE: Mapping[str, tuple[Builder, str]] = {
    "huge Expand": (
        lambda: reduced("Expand", "brightness shape", shape=[1 << 20, 64, 64]),
        MEMORY,
    ),
    "huge ConstantOfShape": (lambda: filled([1 << 31]), MEMORY),
    "larger ConstantOfShape": (lambda: filled([1 << 40]), MEMORY),
    "overflowing ConstantOfShape": (lambda: filled([1 << 32, 1 << 32]), "multiply-adds for a face"),
    "negative ConstantOfShape": (lambda: filled([-5]), "not valid ONNX|out of range"),
    "many ConstantOfShape": (many_filled, MEMORY),
    "huge Tile": (lambda: reduced("Tile", "brightness by", by=[1, 1 << 30]), COST),
    "huge Pad": (
        lambda: reduced("Pad", "brightness by", by=[0, 1 << 30, 0, 1 << 30]),
        COST,
    ),
    "negative Pad": (lambda: reduced("Pad", "brightness by", by=[0, -60, 0, 0]), MISFIT),
    "unknown mode of Pad": (
        lambda: reduced("Pad", "brightness by", by=[0, 1, 0, 1], mode="other"),
        "is b'other', which is not one of the standard's",
    ),
    "mode of Pad that OpenVINO lacks": (
        lambda: reduced("Pad", "brightness by", by=[0, 1, 0, 1], mode="wrap"),
        "is b'wrap'",
    ),
    "empty tensor": (lambda: sliced([0], [0], [1]), "out of range"),
    "step of an empty tensor": (lambda: sliced([-1], [-99], [-1], data="none"), "is empty"),
    "step of zero": (lambda: sliced([0], [9], [0]), "not valid ONNX"),
    "huge Resize": (
        lambda: reduced("Resize", "brightness none scales", none=np.zeros(0), scales=[1.0, 1e9]),
        "multiply-adds|of memory|not valid ONNX|unknown",
    ),
    "huge Range": (huge_range, COST),
    "doubling integers": (lambda: doubling(40), COST),
    "Expand to a computed size": (lambda: computed_shape("Expand"), UNKNOWN),
    "ConstantOfShape of a computed size": (
        lambda: computed_shape("ConstantOfShape"),
        UNKNOWN,
    ),
    "chain": (lambda: chain(5000), "5,006 nodes"),
    "long chain": (lambda: chain(100_000), "more than 100,000 nodes"),
    "empty nodes": (lambda: empty_nodes(100_000), "more than 100,000 nodes"),
    "empty weights": (lambda: weights(100_000), "more than 100,000 nodes"),
    "attributes": (lambda: attributes(300_000), "bytes besides its weights"),
    "some attributes": (lambda: attributes(10), "not valid ONNX"),
    "numbers of an attribute": (lambda: numbers(100), "out of range"),
    "inputs of a node": (lambda: wide_sum(50_000), "inputs and outputs"),
    "Loop": (lambda: subgraph("Loop"), "operator Loop"),
    "If": (lambda: subgraph("If"), "operator If"),
    "Scan": (lambda: subgraph("Scan", num_scan_inputs=1), "operator Scan"),
    "subgraph of a plain operator": (lambda: subgraph("Relu"), "attribute body"),
    "nested subgraphs": (lambda: nested(20), "operator If"),
    "other domain": (foreign, "not a standard ONNX operator"),
    "multiplications": (matmuls, "multiply-adds for a face"),
    "kernel larger than the weight": (
        lambda: convolved([1, 1, 3, 3], kernel_shape=[5, 5]),
        MISFIT,
    ),
    "channels of Conv": (lambda: convolved([4, 3, 3, 3], 4), "not valid ONNX|don't fit together"),
    "bias of Conv": (lambda: convolved([4, 1, 3, 3], 1), MISFIT),
    "group of Conv": (lambda: convolved([4, 1, 3, 3], 4, group=0), "attribute group is less than 1"),
    "stride of Conv": (
        lambda: convolved([4, 1, 3, 3], 4, strides=[0, 0]),
        "attribute strides is less than 1",
    ),
    "pads of Conv": (lambda: convolved([4, 1, 3, 3], 4, pads=[-4, 0, 0, 0]), "attribute pads is negative"),
    "huge pads of Conv": (
        lambda: convolved([4, 1, 3, 3], 4, pads=[1 << 40] * 4),
        "attribute pads is out of range",
    ),
    "division by zero": (lambda: divided([0]), MISFIT),
    "division by pixels": (divided_by_pixels, MISFIT),
    "position outside": (lambda: gathered([1 << 40] * 64), MISFIT),
    "weight without data": (huge_dimension, "not valid ONNX"),
    "weight of text": (text_weight, "of a type that mien doesn't run"),
    "stated shape": (false_shape, "value_info"),
    "rank": (lambda: rank(20), "out of range"),
}
"""What to build, and a part of the error, by name."""
