"""Builds the graph of a bundle: test-time augmentation, components, mean probability, calibration.

    faces -> views, as one batch -> each component -> mean probability -> logits -> probabilities

It works on ONNX only, so a component may be a run or an existing bundle, in float32 or in int8. The
same components give the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from math import gcd
from typing import Final

import numpy as np
import onnx
from onnx import NodeProto, TensorProto

from mien.bundles.calibration import Calibration
from mien.bundles.metadata import INPUT, LOGITS, input_shape
from mien.config.training import TTA
from mien.exporting.calibration import add_calibration
from mien.exporting.graph_builder import GraphBuilder
from mien.transforms.tta import BLUR_KERNEL

MIN_PROBABILITY: Final = 1e-30
"""Lower bound of mean probabilities, so that their logarithm is finite."""

UNCALIBRATED: Final = Calibration()

BLUR_NODE: Final = "blur/conv"
"""Name of the convolution of the blur, which joining bundles prefixes."""


def ensemble(
    models: Sequence[onnx.ModelProto],
    tta: TTA | None,
    *,
    size: int,
    channels: int = 1,
    classes: int,
    calibration: Calibration = UNCALIBRATED,
    counts: Sequence[int] | None = None,
) -> onnx.ModelProto:
    """Return the graph of a bundle, not yet sealed.

    A single component with a single view keeps its logits. Otherwise the logits are the logarithm of the
    mean probability, so that they are calibrated alike in both cases.

    Args:
        models: One or more of `mien.exporting.convert.OPSET`, each with an input `faces` and an output
            `logits`; other outputs are dropped.
        tta: The test-time augmentation to average over; None uses the face itself.
        size: Height and width of the faces in pixels.
        channels: 1 for gray faces, 3 for RGB.
        classes: Number of classes.
        calibration: From the logits to the probabilities.
        counts: Number of networks of each model, its weight in the mean; one each by default.
    """
    graph = GraphBuilder()
    views = _views(graph, tta, size, channels)
    batch = graph.add("Concat", views, "views", axis=0) if len(views) > 1 else views[0]
    single = len(models) == len(views) == 1
    logits = [
        _component(graph, model, f"{number}/", {INPUT: batch} | ({LOGITS: LOGITS} if single else {}))
        for number, model in enumerate(models)
    ]
    if not single:
        _average(graph, logits, counts or [1] * len(models), len(views), classes)
    add_calibration(graph, calibration)
    return graph.model(input_shape(size, channels), classes, max(model.ir_version for model in models))


def _views(graph: GraphBuilder, tta: TTA | None, size: int, channels: int) -> list[str]:
    """Add each view of `mien.transforms.tta` as uint8 faces, and return their names."""
    if tta is None:
        return [INPUT]
    face = _blurred(graph, channels) if tta.blur else INPUT
    shifted = [face, *_shifts(graph, face, tta.shift, size, channels)] if tta.shift else [face]
    if not tta.flip:
        return shifted
    backwards = [
        graph.integers("flip/starts", [-1]),
        graph.integers("flip/ends", [-size - 1]),
        graph.integers("flip/axes", [2]),
        graph.integers("flip/steps", [-1]),
    ]
    return [*shifted, *(graph.add("Slice", [view, *backwards], f"flip/{view}") for view in shifted)]


def _blurred(graph: GraphBuilder, channels: int) -> str:
    """Add the blurred faces; `mien.transforms.tta` defines the blur and its purpose.

    The convolution has integer weights and is exact in float32. An engine that computes in bfloat16 rounds
    one pixel in eight to a neighboring level, up as often as down.
    """
    kernel = graph.kernel("blur/kernel", np.outer(BLUR_KERNEL, BLUR_KERNEL), channels)
    levels = graph.add("Cast", [INPUT], "blur/levels", to=TensorProto.FLOAT)
    pads = graph.integers("blur/pads", _border(1, channels))
    padded = graph.add("Pad", [levels, pads], "blur/padded", mode="edge")
    total = _convolved(graph, padded, kernel, channels)
    mean = graph.add("Div", [total, graph.number("blur/all", sum(BLUR_KERNEL) ** 2)], "blur/mean")
    rounded = graph.add("Round", [mean], "blur/rounded")
    return graph.add("Cast", [rounded], "blur/faces", to=TensorProto.UINT8)


def _convolved(graph: GraphBuilder, faces: str, kernel: str, channels: int) -> str:
    """Add the convolution of faces, channels last or without, with a kernel for each channel."""
    if channels == 1:
        axis = graph.integers("blur/channel", [1])
        maps = graph.add("Unsqueeze", [faces, axis], "blur/maps")
        return graph.add("Squeeze", [graph.add("Conv", [maps, kernel], BLUR_NODE), axis], "blur/sum")
    maps = graph.add("Transpose", [faces], "blur/maps", perm=[0, 3, 1, 2])
    convolved = graph.add("Conv", [maps, kernel], BLUR_NODE, group=channels)
    return graph.add("Transpose", [convolved], "blur/sum", perm=[0, 2, 3, 1])


def _shifts(graph: GraphBuilder, face: str, pixels: int, size: int, channels: int) -> Iterator[str]:
    pads = graph.integers("shift/pads", _border(pixels, channels))
    graph.add("Pad", [face, pads], "shift/wide", mode="edge")
    axes = graph.integers("shift/axes", [1, 2])
    for top in (0, 2 * pixels):
        for left in (0, 2 * pixels):
            name = f"shift/{top}-{left}"
            starts = graph.integers(f"{name}/starts", [top, left])
            ends = graph.integers(f"{name}/ends", [top + size, left + size])
            yield graph.add("Slice", ["shift/wide", starts, ends, axes], name)


def _border(pixels: int, channels: int) -> list[int]:
    """Return the pads of a border around faces, (n, size, size) or (n, size, size, channels)."""
    return [0, pixels, pixels, *([0] if channels > 1 else [])] * 2


def _component(graph: GraphBuilder, model: onnx.ModelProto, prefix: str, outside: dict[str, str]) -> str:
    """Add the nodes that a component's logits depend on, with prefixed names, and return the logits' name."""

    def rename(name: str) -> str:
        return outside.get(name, prefix + name) if name else name  # an omitted input has no name

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


def _average(
    graph: GraphBuilder, logits: Sequence[str], counts: Sequence[int], views: int, classes: int
) -> None:
    """Add the mean probability over networks and views, and its logarithm as the logits."""
    means = [graph.add("Softmax", [name], f"{name}/softmax", axis=1) for name in logits]
    if views > 1:
        shape, axes = graph.integers("mean/shape", [views, -1, classes]), graph.integers("mean/axes", [0])
        by_view = [graph.add("Reshape", [name, shape], f"{name}/views") for name in means]
        means = [graph.add("ReduceMean", [name, axes], f"{name}/mean", keepdims=0) for name in by_view]
    # A component enters the mean once per network, reduced by the common divisor of the counts.
    repeats = [count // gcd(*counts) for count in counts]
    named = [name for name, times in zip(means, repeats, strict=True) for _ in range(times)]
    mean = graph.add("Mean", named, "mean") if len(named) > 1 else means[0]
    graph.add("Clip", [mean, graph.number("mean/least", MIN_PROBABILITY)], "mean/positive")
    graph.add("Log", ["mean/positive"], LOGITS)


def _leading_to(output: str, nodes: Sequence[NodeProto]) -> list[NodeProto]:
    """Return the nodes that an output depends on, in the topological order that ONNX requires."""
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
