"""The figure of corruption robustness: small multiples of accuracy and confidence over strength."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.evaluation.robustness.result import CorruptedScores, CorruptionScores, Robustness
from mien.figures.style import BLUE, INK, SOFT, VERMILION, new_figure, style_scale

COLUMNS: Final = 4
"""Panels side by side."""


def plot_robustness(robustness: Robustness) -> Figure:
    """Return a figure with one panel for each corruption.

    The line is the accuracy with its 95 % interval, the dashed line the mean confidence, the dotted line the
    accuracy on clean faces. Where the dashed line is above the other one, the system is overconfident.
    """
    shown = robustness.corruptions
    rows = ceil(len(shown) / COLUMNS)
    figure = new_figure(2.3 * COLUMNS, 1.0 + 1.75 * rows)
    grid = figure.subplots(rows, min(COLUMNS, len(shown)), sharex=True, sharey=True, squeeze=False)
    for position, ax in enumerate(grid.flat):
        if position < len(shown):
            _draw_panel(ax, shown[position], robustness.clean)
        else:
            ax.set_visible(False)
    figure.suptitle(
        f"Mean corruption accuracy {100 * robustness.mean_corruption_accuracy:.1f} %, "
        f"clean {100 * robustness.clean.accuracy:.1f} %, {robustness.faces}",
        x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK,
    )  # fmt: skip
    handles, names = grid.flat[0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower left", ncols=3, frameon=False, fontsize=9, labelcolor=INK
    )
    figure.supylabel("percent", fontsize=9.5, color=SOFT)
    return figure


def _draw_panel(ax: Axes, corruption: CorruptionScores, clean: CorruptedScores) -> None:
    rows = (clean, *corruption.strengths)
    at = [row.strength for row in rows]
    low, high = _percents([row.interval[0] for row in rows]), _percents([row.interval[1] for row in rows])
    ax.axhline(100 * clean.accuracy, color=SOFT, lw=0.9, ls=":", label="accuracy on clean faces")
    ax.fill_between(at, low, high, color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(
        at, _percents([row.accuracy for row in rows]), "o-", color=BLUE, ms=3.5, lw=1.5,
        label="accuracy, 95 % interval",
    )  # fmt: skip
    ax.plot(
        at, _percents([row.mean_confidence for row in rows]), "--", color=VERMILION, lw=1.3,
        label="mean confidence",
    )  # fmt: skip
    style_scale(ax, "y")
    ax.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=9)
    ax.set(xlim=(-0.25, max(at) + 0.25), ylim=(0, 100), xticks=at, yticks=range(0, 101, 25))
    ax.set_xticklabels(["clean", *(str(strength) for strength in at[1:])])
    ax.set_title(corruption.name, loc="left", fontsize=10, color=INK, parse_math=False)


def _percents(fractions: Sequence[float]) -> list[float]:
    return [100 * fraction for fraction in fractions]
