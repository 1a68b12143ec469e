"""The calibration of a bundle as nodes of its graph: logits to calibrated probabilities.

It uses elementwise operators and sums only, which all engines compute alike; `mien.bundles.calibration`
computes the same with numpy.
"""

import numpy as np
from numpy.typing import NDArray

from mien.bundles.calibration import MARGIN, SMALLEST, Calibration
from mien.bundles.metadata import LOGITS, PROBABILITIES
from mien.exporting.graph_builder import GraphBuilder


def add_calibration(graph: GraphBuilder, calibration: Calibration) -> None:
    """Add the nodes from `LOGITS` to `PROBABILITIES`."""
    if (temperature := calibration.temperature) is not None:
        graph.add("Div", [LOGITS, graph.number("temperature", temperature)], "calibrated")
        graph.add("Softmax", ["calibrated"], PROBABILITIES, axis=1)
        return
    scores = graph.add("LogSoftmax", [LOGITS], "calibration/logarithms", axis=1)
    scores = graph.add("Mul", [scores, _vector(graph, "scale", calibration.scale)], "calibration/scaled")
    if calibration.bias:
        scores = graph.add("Add", [scores, _vector(graph, "bias", calibration.bias)], "calibration/biased")
    if not calibration.knots:
        graph.add("Softmax", [scores], PROBABILITIES, axis=1)
        return
    softmax = graph.add("Softmax", [scores], "calibration/softmax", axis=1)
    _add_confidence_map(graph, softmax, np.array(calibration.knots), np.array(calibration.levels))


def _add_confidence_map(
    graph: GraphBuilder, softmax: str, knots: NDArray[np.float64], levels: NDArray[np.float64]
) -> None:
    """Add the map of the highest probability, and the scaling of the others."""
    classes = graph.integers("calibration/classes", [1])
    zero, one = graph.number("calibration/zero", 0), graph.number("calibration/one", 1)
    smallest = graph.number("calibration/smallest", SMALLEST)

    def divided(name: str, value: str, divisor: str) -> str:
        positive = graph.add("Max", [divisor, smallest], f"calibration/{name}/divisor")
        return graph.add("Div", [value, positive], f"calibration/{name}")

    top = graph.add("ReduceMax", [softmax, classes], "calibration/top")
    is_top = graph.add("GreaterOrEqual", [softmax, top], "calibration/is-top")
    others = graph.add("Where", [is_top, zero, softmax], "calibration/others")
    rest = graph.add("ReduceSum", [others, classes], "calibration/rest")
    second = graph.add("ReduceMax", [others, classes], "calibration/second")
    equal = divided("equal", second, graph.add("Add", [rest, second], "calibration/rest-and-second"))
    least = graph.add("Add", [equal, graph.number("calibration/margin", MARGIN)], "calibration/least")
    mapped = _mapped(graph, top, zero, knots, levels)
    confidence = graph.add("Max", [mapped, least], "calibration/confidence")
    factor = divided("factor", graph.add("Sub", [one, confidence], "calibration/remainder"), rest)
    scaled = graph.add("Mul", [others, factor], "calibration/scaled-others")
    joined = graph.add("Where", [is_top, confidence, scaled], "calibration/joined")
    total = graph.add("ReduceSum", [joined, classes], "calibration/total")
    graph.add("Div", [joined, total], PROBABILITIES)


def _mapped(
    graph: GraphBuilder, values: str, zero: str, knots: NDArray[np.float64], levels: NDArray[np.float64]
) -> str:
    """Add the piecewise linear map of `values` (n, 1): the first level and the rises of the segments.

    All terms are positive, so no digits are lost in float32.
    """
    widths = np.diff(knots)
    above = graph.add("Sub", [values, _vector(graph, "knots", knots[:-1])], "calibration/above")
    positive = graph.add("Max", [above, zero], "calibration/positive")
    inside = graph.add("Min", [positive, _vector(graph, "widths", widths)], "calibration/inside")
    rises = graph.add(
        "Mul", [inside, _vector(graph, "slopes", np.diff(levels) / widths)], "calibration/rises"
    )
    segments = graph.integers("calibration/segments", [1])
    rise = graph.add("ReduceSum", [rises, segments], "calibration/rise")
    return graph.add("Add", [rise, graph.number("calibration/first", levels[0])], "calibration/mapped")


def _vector(graph: GraphBuilder, name: str, values: "NDArray[np.float64] | tuple[float, ...]") -> str:
    return graph.numbers(f"calibration/{name}", values)
