"""The one way in which a bundle is put together: views in front, the parts, their mean, calibration.

    faces -> views, as one batch -> each part -> mean probability -> logits -> probabilities

It works on ONNX alone, so that a part may come from a run as well as from a finished bundle, in
float32 or in int8. The same parts give the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from math import gcd
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.config.training import TTA
from mien.exporting.convert import OPSET, cleaned
from mien.transforms.tta import BLUR_KERNEL

LEAST: Final = 1e-30
"""Mean probabilities are not taken below this, so that their logarithm is finite everywhere."""


def ensemble(
    models: Sequence[onnx.ModelProto],
    tta: TTA | None,
    *,
    size: int,
    classes: int,
    temperature: float = 1.0,
    counts: Sequence[int] | None = None,
) -> onnx.ModelProto:
    """Return the graph of a bundle, not yet sealed.

    One part that looks once gives its own logits. Of several parts or views the logits are the
    logarithm of the mean probability, so that softmax(logits / temperature) holds for all.

    Args:
        models: One or more of `OPSET`, each with an input `faces` and an output `logits`; their
            other outputs are left out.
        tta: The views to average over; None looks once.
        size: Side of the faces in pixels.
        classes: How many the logits are about.
        temperature: Divides the logits before the softmax (Guo et al. 2017).
        counts: How many networks each model stands for in the mean; one each unless given.
    """
    graph = _Graph()
    looks = _views(graph, tta, size)
    seen = graph.add("Concat", looks, "views", axis=0) if len(looks) > 1 else looks[0]
    alone = len(models) == len(looks) == 1
    found = [
        _part(graph, model, f"{number}/", {INPUT: seen} | ({LOGITS: LOGITS} if alone else {}))
        for number, model in enumerate(models)
    ]
    if not alone:
        _average(graph, found, counts or [1] * len(models), len(looks), classes)
    graph.add("Div", [LOGITS, graph.number("temperature", temperature)], "calibrated")
    graph.add("Softmax", ["calibrated"], PROBABILITIES, axis=1)
    return graph.model(size, classes, max(model.ir_version for model in models))


class _Graph:
    """Nodes and weights, as they come together."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.weights: list[TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], output: str, **options: int | str) -> str:
        """Append a node that is called as its output is."""
        node = helper.make_node(kind, inputs, [output], output, **options)  # type: ignore[arg-type]
        self.nodes.append(node)
        return output

    def number(self, name: str, value: float) -> str:
        return self._constant(name, np.array(value, np.float32))

    def kernel(self, name: str, values: NDArray[np.int64]) -> str:
        """Add the weights (h, w) of a convolution of one channel."""
        return self._constant(name, values.astype(np.float32)[None, None])

    def whole(self, name: str, values: Sequence[int]) -> str:
        return self._constant(name, np.array(values, np.int64))

    def model(self, size: int, classes: int, ir_version: int) -> onnx.ModelProto:
        answers: Sequence[str | int] = ["n", classes]
        graph = helper.make_graph(
            self.nodes,
            "mien",
            [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", size, size])],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, answers)
                for name in (PROBABILITIES, LOGITS)
            ],
            self.weights,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        return cleaned(helper.make_model(graph, opset_imports=opsets, ir_version=ir_version))

    def _constant(self, name: str, values: np.ndarray[Any, Any]) -> str:
        self.weights.append(numpy_helper.from_array(values, name))
        return name


def _views(graph: _Graph, tta: TTA | None, size: int) -> list[str]:
    """Add each view of the faces as `mien.transforms.tta` has them, in whole gray levels."""
    if tta is None:
        return [INPUT]
    face = _softened(graph) if tta.blur else INPUT
    shifted = [face, *_shifts(graph, face, tta.shift, size)] if tta.shift else [face]
    if not tta.flip:
        return shifted
    back = [
        graph.whole("flip/starts", [-1]),
        graph.whole("flip/ends", [-size - 1]),
        graph.whole("flip/axes", [2]),
        graph.whole("flip/steps", [-1]),
    ]
    return [*shifted, *(graph.add("Slice", [view, *back], f"flip/{view}") for view in shifted)]


def _softened(graph: _Graph) -> str:
    """Add the faces, softened; `mien.transforms.tta` says how and why.

    A convolution of whole numbers, exact in float32. An engine that computes in bfloat16 rounds one pixel in
    eight to a neighboring level, as often up as down.
    """
    kernel = graph.kernel("soften/kernel", np.outer(BLUR_KERNEL, BLUR_KERNEL))
    channel = graph.whole("soften/channel", [1])
    gray = graph.add("Cast", [INPUT], "soften/gray", to=TensorProto.FLOAT)
    wide = graph.add("Pad", [gray, graph.whole("soften/pads", [0, 1, 1] * 2)], "soften/wide", mode="edge")
    maps = graph.add("Unsqueeze", [wide, channel], "soften/maps")
    summed = graph.add("Squeeze", [graph.add("Conv", [maps, kernel], "soften/conv"), channel], "soften/sum")
    mean = graph.add("Div", [summed, graph.number("soften/all", sum(BLUR_KERNEL) ** 2)], "soften/mean")
    whole = graph.add("Round", [mean], "soften/whole")
    return graph.add("Cast", [whole], "soften/faces", to=TensorProto.UINT8)


def _shifts(graph: _Graph, face: str, pixels: int, size: int) -> Iterator[str]:
    around = graph.whole("shift/pads", [0, pixels, pixels] * 2)
    graph.add("Pad", [face, around], "shift/wide", mode="edge")
    axes = graph.whole("shift/axes", [1, 2])
    for top in (0, 2 * pixels):
        for left in (0, 2 * pixels):
            name = f"shift/{top}-{left}"
            starts = graph.whole(f"{name}/starts", [top, left])
            ends = graph.whole(f"{name}/ends", [top + size, left + size])
            yield graph.add("Slice", ["shift/wide", starts, ends, axes], name)


def _part(graph: _Graph, model: onnx.ModelProto, prefix: str, outside: dict[str, str]) -> str:
    """Add what leads to a part's logits, every name behind a prefix but those from outside."""

    def rename(name: str) -> str:
        return outside.get(name, prefix + name) if name else name  # an input left out has no name

    nodes = _leading_to(LOGITS, model.graph.node)
    used = {name for node in nodes for name in node.input}
    graph.nodes.extend(_renamed(node, rename) for node in nodes)
    for weight in model.graph.initializer:
        if weight.name in used:
            made = TensorProto()
            made.CopyFrom(weight)
            made.name = rename(weight.name)
            graph.weights.append(made)
    return rename(LOGITS)


def _average(graph: _Graph, found: Sequence[str], counts: Sequence[int], looks: int, classes: int) -> None:
    """Add the mean over networks and views, and its logarithm as the logits."""
    means = [graph.add("Softmax", [logits], f"{logits}/softmax", axis=1) for logits in found]
    if looks > 1:
        shape, axes = graph.whole("mean/shape", [looks, -1, classes]), graph.whole("mean/axes", [0])
        by_view = [graph.add("Reshape", [name, shape], f"{name}/views") for name in means]
        means = [graph.add("ReduceMean", [name, axes], f"{name}/mean", keepdims=0) for name in by_view]
    # A part stands in the mean as often as it has networks; shortened, equal counts are once each.
    often = [count // gcd(*counts) for count in counts]
    named = [name for name, times in zip(means, often, strict=True) for _ in range(times)]
    mean = graph.add("Mean", named, "mean") if len(named) > 1 else means[0]
    graph.add("Clip", [mean, graph.number("mean/least", LEAST)], "mean/positive")
    graph.add("Log", ["mean/positive"], LOGITS)


def _leading_to(output: str, nodes: Sequence[NodeProto]) -> list[NodeProto]:
    """The nodes that an output needs, in their order, which ONNX wants to be that of computing."""
    needed, kept = {output}, []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    return kept[::-1]


def _renamed(node: NodeProto, rename: Callable[[str], str]) -> NodeProto:
    made = NodeProto()
    made.CopyFrom(node)
    made.name = rename(node.name)
    made.input[:] = [rename(name) for name in node.input]
    made.output[:] = [rename(name) for name in node.output]
    return made
