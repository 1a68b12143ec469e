"""Figures of an evaluation that need no faces: confusion, classes, reliability.

Each is a function from values to a matplotlib Figure without any global state; `galleries.py`
draws the ones that show faces. The page of the report draws its own, so that it stays sharp and
follows the reader's theme; these files are for papers and slides.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.evaluation.evaluation import CALIBRATION_BINS, Evaluation
from mien.evaluation.predictions import Predictions
from mien.labels import colors_of
from mien.metrics import reliability

INK, FAINT, BLUE, VERMILION = "#22262b", "#c8ccd2", "#0072b2", "#d55e00"
MOST_LABELED = 20
"""Cells of a larger confusion matrix are too small for numbers."""


def confusion_figure(evaluation: Evaluation, *, normalized: bool) -> Figure:
    """Draw the confusion matrix: counts, or shares of each true class in percent."""
    counts = np.array(evaluation.confusion, np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    k = len(evaluation.classes)
    size = max(4.0, 1.6 + 0.62 * k)
    figure = Figure(figsize=(size + 0.4, size), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares if normalized else counts, cmap="Blues", vmin=0, vmax=1 if normalized else None)
    axes.set_xticks(range(k), evaluation.classes, rotation=40, ha="right")
    axes.set_yticks(range(k), evaluation.classes)
    axes.set(xlabel="answer", ylabel="truth")
    axes.set_title(
        f"{_title(evaluation)}\n{'percent of each true class' if normalized else 'faces'}", fontsize=10
    )
    if k <= MOST_LABELED:
        _write_cells(axes, 100 * shares if normalized else counts)
    return figure


def class_figure(evaluation: Evaluation) -> Figure:
    """Draw F1 a class as bars, with precision and recall as marks on them."""
    rows = evaluation.per_class
    at = np.arange(len(rows))
    figure = Figure(figsize=(7, 1.4 + 0.36 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(at, [100 * row.f1 for row in rows], color=colors_of(evaluation.classes), height=0.62)
    axes.plot([100 * row.precision for row in rows], at, "o", color=INK, ms=5, label="precision")
    axes.plot([100 * row.recall for row in rows], at, "D", mfc="white", mec=INK, ms=5, label="recall")
    axes.axvline(100 * evaluation.macro_f1, color=INK, lw=0.8, ls="--", label="macro-F1")
    axes.set_yticks(at, [f"{row.name} ({row.support:,})" for row in rows])
    axes.set(xlim=(0, 100), xlabel="F1 of each class, percent (number of faces)")
    axes.set_title(_title(evaluation), fontsize=10)
    axes.invert_yaxis()
    _tidy(axes)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure


def reliability_figure(predictions: Predictions) -> Figure:
    """Draw accuracy against confidence (reliability diagram), and how many faces are in each bin."""
    curve = reliability(predictions.probabilities, predictions.labels, CALIBRATION_BINS)
    filled = curve.count > 0
    figure = Figure(figsize=(4.8, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, sharex=True, height_ratios=(4, 1))
    width = np.diff(curve.edges)
    upper.plot([0, 1], [0, 1], color=INK, lw=0.8, ls="--")
    upper.bar(
        curve.edges[:-1], np.where(filled, curve.accuracy, 0), width, align="edge", color=BLUE, ec="white"
    )
    upper.plot(curve.confidence[filled], curve.accuracy[filled], "o", color=VERMILION, ms=4)
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy")
    upper.set_title(f"{predictions.system}, {predictions.split}: is its confidence earned?", fontsize=10)
    lower.bar(curve.edges[:-1], curve.count, width, align="edge", color=FAINT, ec="white")
    lower.set(xlabel="confidence", ylabel="faces")
    _tidy(upper)
    _tidy(lower)
    return figure


def _write_cells(axes: Axes, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    """Write each value into its cell, light on dark and dark on light."""
    middle = values.max() / 2
    for (row, column), value in np.ndenumerate(values):
        axes.text(
            column, row, f"{value:.0f}", ha="center", va="center", fontsize=9,
            color="white" if value > middle else INK,
        )  # fmt: skip


def _title(evaluation: Evaluation) -> str:
    return f"{evaluation.system}, {evaluation.split}, {evaluation.n:,} faces"


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(axis="x" if axes.yaxis_inverted() else "y", color=FAINT, lw=0.5)
