"""Plots of an evaluation: confusion matrix, per-class metrics, reliability diagram.

Each function draws into `ax`, or into a new figure, and returns the axes. `galleries.py` draws the figures
that show faces. The files and the page of a report hold the same figures.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import offset_copy

from mien.evaluation.evaluation import Evaluation
from mien.evaluation.shown_classes import lowest_f1, most_confused
from mien.figures.heatmap import draw_cells, write_cell
from mien.figures.many_classes import omission
from mien.figures.style import (
    BLUE,
    INK,
    SOFT,
    VERMILION,
    axes_or_new,
    bar_chart_height,
    figure_of,
    label_columns,
    label_rows,
    set_title,
    style_scale,
)
from mien.labels import colors_of

MOST_NUMBERED = 20
"""Cells of a larger confusion matrix are too small for numbers."""
MOST_COUNTED = 10
"""Cells of a larger confusion matrix show percent without counts."""
LEGEND_OFFSET = 19
"""Points between the axes and a legend beside the title, above a subtitle."""
ERROR_CONTRAST = 2.5
"""Cells of errors are this much stronger than those of correct predictions, which are more frequent."""


def plot_confusion(evaluation: Evaluation, ax: Axes | None = None) -> Axes:
    """Draw the confusion matrix: percent of each true class, and below it the number of faces.

    Of many classes it shows those of the most frequent confusions.
    """
    shown = most_confused(evaluation)
    counts = np.array(evaluation.confusion_matrix, np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    counts, shares = counts[np.ix_(shown, shown)], shares[np.ix_(shown, shown)]
    size = max(4.2, 1.8 + (0.72 if len(shown) <= MOST_COUNTED else 0.36) * len(shown))
    ax = axes_or_new(ax, size + 0.9, size)
    correct = np.eye(len(shown), dtype=np.bool_)
    opacity = np.where(correct, shares, np.minimum(1, ERROR_CONTRAST * shares))
    draw_cells(ax, opacity, np.where(correct, BLUE, VERMILION))
    if len(shown) <= MOST_NUMBERED:
        _write_numbers(ax, counts, shares, opacity)
    names = [evaluation.classes[at] for at in shown]
    label_rows(ax, names)
    label_columns(ax, names)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.set_xlabel("predicted class", color=SOFT)
    ax.set_ylabel("true class", color=SOFT)
    cells = "percent of the true class" + (", number of faces" if len(shown) <= MOST_COUNTED else "")
    set_title(ax, "Confusion matrix", cells + omission(len(evaluation.classes), "most confused"))
    return ax


def plot_class_metrics(evaluation: Evaluation, ax: Axes | None = None) -> Axes:
    """Draw the F1 of each class as a bar, with marks for precision and recall.

    Of many classes it shows those with the lowest F1.
    """
    shown = lowest_f1(evaluation)
    colors = dict(zip(evaluation.classes, colors_of(evaluation.classes), strict=True))
    rows = np.arange(len(shown))
    ax = axes_or_new(ax, 7.2, bar_chart_height(len(rows)) + 0.9)
    ax.barh(rows, [100 * row.f1 for row in shown], color=[colors[row.name] for row in shown], height=0.62)
    ax.plot(
        [100 * row.precision for row in shown], rows, "o", color=INK, ms=5, label="precision", clip_on=False
    )
    ax.plot(
        [100 * row.recall for row in shown],
        rows,
        "D",
        mfc="none",
        mec=INK,
        mew=1.3,
        ms=5.5,
        label="recall",
        clip_on=False,
    )
    ax.axvline(100 * evaluation.macro_f1, color=SOFT, lw=0.9, ls="--", label="macro-F1")
    style_scale(ax, "x")
    label_rows(ax, [row.name for row in shown])
    ax.set_xlim(0, 100)
    ax.set_xlabel("percent", color=SOFT)
    set_title(ax, "Per-class metrics", f"bars: F1{omission(len(evaluation.classes), 'lowest')}")
    beside_title = offset_copy(ax.transAxes, figure_of(ax), y=LEGEND_OFFSET, units="points")
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1), bbox_transform=beside_title,
        ncols=3, frameon=False, fontsize=9, labelcolor=INK, borderaxespad=0,
    )  # fmt: skip
    return ax


def plot_reliability(evaluation: Evaluation, ax: Axes | None = None) -> Axes:
    """Draw the reliability diagram (Guo et al. 2017): accuracy over confidence in equal-width bins.

    The more faces a bin holds, the stronger its color. Bars on the diagonal are perfectly calibrated. Points
    are at the mean confidence of a bin, lines are 95 % intervals of its accuracy.
    """
    evaluation.require_probabilities("a reliability diagram")
    bins = [row for row in evaluation.reliability if row.count]
    most = max(row.count for row in bins)
    ax = axes_or_new(ax, 4.8, 5.0)
    for row in bins:
        width = 100 * (row.upper - row.lower)
        ax.bar(
            100 * row.lower + 0.04 * width, 100 * row.accuracy, 0.92 * width, align="edge",
            color=BLUE, alpha=0.25 + 0.75 * row.count / most, linewidth=0,
        )  # fmt: skip
    ax.plot([0, 100], [0, 100], color=SOFT, lw=1, ls="--")
    ax.plot(
        [100 * row.confidence for row in bins],
        [100 * row.accuracy for row in bins],
        "o",
        color=VERMILION,
        ms=4,
        clip_on=False,
    )
    for row in bins:
        ax.plot([100 * row.confidence] * 2, [100 * bound for bound in row.interval], color=VERMILION, lw=1.2)
    style_scale(ax, "y")
    ax.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=9)
    ax.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
    ax.set_xlabel("confidence, percent", color=SOFT)
    ax.set_ylabel("accuracy, percent", color=SOFT)
    set_title(ax, "Reliability diagram", f"ECE {100 * (evaluation.calibration_error or 0):.1f} %")
    return ax


def _write_numbers(ax: Axes, counts: np.ndarray, shares: np.ndarray, opacity: np.ndarray) -> None:
    counted = len(counts) <= MOST_COUNTED
    for (row, column), share in np.ndenumerate(shares):
        strength = float(opacity[row, column])
        text = f"{100 * share:.0f}"
        write_cell(ax, row, column, text, strength, size=11 if counted else 8, dy=-0.13 if counted else 0)
        if counted:
            write_cell(ax, row, column, f"{counts[row, column]:,.0f}", strength, size=7.5, dy=0.24)
