"""The curve of selective accuracy over coverage, with the confidence threshold marked."""

from typing import Final

from matplotlib.axes import Axes

from mien.evaluation.calibration.threshold import TARGET_ACCURACY
from mien.evaluation.evaluation import Evaluation
from mien.figures.style import BLUE, SOFT, VERMILION, axes_or_new, set_title, style_scale

LEAST: Final = 20
"""Least number of accepted faces that are drawn: the accuracy of fewer is mostly chance."""


def plot_selective(evaluation: Evaluation, ax: Axes | None = None) -> Axes:
    """Draw the accuracy of the most confident predictions over their share, with 95 % intervals."""
    evaluation.require_probabilities("the curve of selective accuracy")
    points = [row for row in evaluation.selective if row.coverage * evaluation.n >= LEAST]
    points = points or list(evaluation.selective)
    ax = axes_or_new(ax, 4.8, 5.0)
    coverage = [100 * row.coverage for row in points]
    low, high = ([100 * row.interval[side] for row in points] for side in (0, 1))
    ax.fill_between(coverage, low, high, color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(coverage, [100 * row.accuracy for row in points], color=BLUE, lw=1.8)
    ax.axhline(100 * TARGET_ACCURACY, color=SOFT, lw=0.9, ls=":")
    subtitle = "coverage by decreasing confidence"
    if (mark := evaluation.threshold) is not None and mark.coverage:
        at = (100 * mark.coverage, 100 * mark.accuracy)
        ax.plot(*at, "o", color=VERMILION, ms=7)
        ax.annotate(
            f"threshold {mark.threshold:.2f}: {at[0]:.0f} % at {at[1]:.0f} %", at, (-10, -16),
            textcoords="offset points", ha="right", color=VERMILION, fontsize=9.5,
        )  # fmt: skip
    elif mark is not None:
        subtitle += "; no face is at or above the threshold"
    style_scale(ax, "y")
    ax.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=9)
    ax.set(xlim=(0, 100), ylim=(min(50, *low), 100))
    ax.set_xlabel("coverage, percent of the faces", color=SOFT)
    ax.set_ylabel("selective accuracy, percent", color=SOFT)
    set_title(ax, "Selective accuracy", subtitle)
    return ax
