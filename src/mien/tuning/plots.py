"""Figures of a study and of a learning-rate range test, in the style of all figures of mien."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from mien.figures.style import (
    BLUE,
    FAINT,
    INK,
    SOFT,
    VERMILION,
    axes_or_new,
    bar_chart_height,
    label_rows,
    new_figure,
    set_title,
    shorten,
    style_scale,
)
from mien.text import counted
from mien.tuning.scales import Scale, scale_of
from mien.tuning.space import Space
from mien.tuning.statistics import Importance
from mien.tuning.trials import COMPLETE, FAILED, Trial, best_of

if TYPE_CHECKING:
    from mien.tuning.lr_range import LrRange

PANELS: Final = 3
"""Panels in a row of the figure of values."""


def plot_history(trials: Sequence[Trial], ax: Axes | None = None) -> Axes:
    """Draw the accuracy of each trial in their order, and the best so far."""
    ax = axes_or_new(ax, 7.2, 3.8)
    complete = [one for one in trials if one.state == COMPLETE]
    others = [one for one in trials if one.state not in (COMPLETE, FAILED) and one.accuracy is not None]
    _dots(ax, others, SOFT, "pruned or running", hollow=True)
    _dots(ax, [one for one in complete if not one.is_baseline], BLUE, "complete")
    _dots(ax, [one for one in complete if one.is_baseline], INK, "unchanged recipe", marker="D")
    failed = [one.number for one in trials if one.state == FAILED]
    if complete:
        numbers = [one.number for one in complete]
        so_far = np.maximum.accumulate([100 * (one.accuracy or 0) for one in complete])
        ends = [*numbers, max(trials[-1].number, numbers[-1] + 0.5)]
        ax.step(ends, [*so_far, so_far[-1]], where="post", color=VERMILION, lw=1.4, label="best so far")
    if failed:
        bottom = ax.get_ylim()[0]
        ax.plot(failed, [bottom] * len(failed), "x", color=VERMILION, ms=6, label="failed", clip_on=False)
    _style(ax, "trial")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(ax)
    set_title(ax, "History", "best validation accuracy of each trial on the hold-out, percent")
    return ax


def plot_epochs(trials: Sequence[Trial], rungs: Sequence[int], ax: Axes | None = None) -> Axes:
    """Draw the accuracy of each trial by epoch; lines mark where trials are compared for pruning."""
    ax = axes_or_new(ax, 7.2, 3.8)
    best = best_of(trials)
    for rung in rungs:
        ax.axvline(rung, color=FAINT, lw=1, ls="--")
    for one in trials:
        if one.accuracies and one is not best:
            is_complete = one.state == COMPLETE
            ax.plot(
                list(one.accuracies), [100 * value for value in one.accuracies.values()],
                color=BLUE if is_complete else SOFT, alpha=0.45 if is_complete else 0.35, lw=1,
                marker="." if len(one.accuracies) == 1 else "",
            )  # fmt: skip
    if best:
        values = [100 * value for value in best.accuracies.values()]
        ax.plot(list(best.accuracies), values, color=VERMILION, lw=1.8, label=f"best, trial {best.number}")
    for color, label in ((BLUE, "complete"), (SOFT, "pruned or running")):
        ax.plot([], [], color=color, lw=1, label=label)
    _style(ax, "epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(ax)
    marked = "; dashed: trials are compared" if rungs else ""
    set_title(ax, "Accuracy by epoch", f"validation accuracy on the hold-out, percent{marked}")
    return ax


def plot_parallel(trials: Sequence[Trial], space: Space, ax: Axes | None = None) -> Axes:
    """Draw the values of each trial as a line over one vertical axis for each key (Inselberg 1985).

    The stronger a line, the higher the rank of its trial by accuracy; the best is of another color. Pruned
    trials are thin.
    """
    scales = [scale_of(one) for one in space.parameters.values()]
    ax = axes_or_new(ax, min(max(6.0, 1.5 * (len(scales) + 1)), max(10.0, 0.95 * (len(scales) + 1))), 4.4)
    complete = sorted(
        (one for one in trials if one.state == COMPLETE), key=lambda one: (one.accuracy or 0, -one.number)
    )
    accuracies = [one.accuracy or 0 for one in complete]
    top = _accuracy_scale(accuracies)
    for one in trials:
        if one.state not in (COMPLETE, FAILED):
            _line(ax, one, space, scales, None, color=SOFT, alpha=0.3, lw=0.7)
    for rank, one in enumerate(complete):
        strength = (rank + 1) / len(complete)
        is_best = one is complete[-1]
        _line(
            ax, one, space, scales, top, color=VERMILION if is_best else BLUE,
            alpha=1.0 if is_best else 0.15 + 0.6 * strength**2, lw=2.2 if is_best else 1.2,
        )  # fmt: skip
    for at, scale in enumerate([*scales, *([top] if top else [])]):
        _axis(ax, at, scale)
    names = [*space.parameters, *(["accuracy, %"] if top else [])]
    ax.set_xticks(
        range(len(names)),
        [_key(name) for name in names],
        fontsize=9 if len(names) <= 8 else 8,
        color=INK,
        parse_math=False,
    )
    ax.set_xlim(-0.35, len(names) - 0.35)
    ax.set_ylim(-0.05, 1.05)
    ax.yaxis.set_major_locator(NullLocator())
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    set_title(
        ax, "Parallel coordinates", "a line is a trial; stronger: more accurate, red: best, thin gray: pruned"
    )
    return ax


def plot_importance(importance: Importance, ax: Axes | None = None) -> Axes:
    """Draw the importance of the keys as bars."""
    shares = importance.shares
    ax = axes_or_new(ax, 7.2, bar_chart_height(len(shares)) + 0.3)
    ax.barh(range(len(shares)), [100 * one for one in shares.values()], color=BLUE, height=0.62)
    for row, share in enumerate(shares.values()):
        ax.annotate(
            f"{100 * share:.0f} %", (100 * share, row), (4, 0), textcoords="offset points", va="center",
            fontsize=9.5, color=INK,
        )  # fmt: skip
    label_rows(ax, list(shares))
    ax.set_xticks([])
    ax.set_xlim(0, 112 * max(shares.values()))
    what = "accuracy" if importance.epoch is None else f"accuracy after {counted(importance.epoch, 'epoch')}"
    set_title(
        ax,
        "Importance",
        f"share of the variance of the {what}, {counted(importance.trials, 'trial')} (fANOVA)",
    )
    return ax


def plot_values(trials: Sequence[Trial], space: Space) -> Figure:
    """Draw the accuracy over the values of each key, one panel for each."""
    count = len(space.parameters)
    columns = min(PANELS, count)
    rows = -(-count // columns)
    figure = new_figure(3.2 * columns + 0.4, 2.5 * rows + 0.3)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    best = best_of(trials)
    for ax, (key, parameter) in zip(panels, space.parameters.items(), strict=False):
        scale = scale_of(parameter)
        for one in trials:
            if one.accuracy is None or one.state == FAILED or key not in one.values:
                continue
            is_complete = one.state == COMPLETE
            color = VERMILION if one is best else BLUE if is_complete else SOFT
            ax.plot(
                scale.position(one.values[key]), 100 * one.accuracy, "o", color=color,
                ms=6 if one is best else 4.5, mfc=color if is_complete else "none",
                alpha=1.0 if one is best else 0.65, zorder=3 if one is best else 2,
            )  # fmt: skip
        style_scale(ax, "y")
        ticks = scale.few_ticks
        ax.set_xticks([scale.position(value) for value, _ in ticks], [text for _, text in ticks])
        ax.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=8.5)
        ax.set_xlim(-0.08, 1.08)
        ax.set_title(shorten(key, 34), loc="left", fontsize=10, color=INK, parse_math=False)
    for ax in panels[count:]:
        ax.set_visible(False)
    return figure


def plot_lr_range(result: "LrRange", ax: Axes | None = None) -> Axes:
    """Draw the loss over the learning rate, with the suggestion and the learning rate of the recipe."""
    ax = axes_or_new(ax, 7.2, 4.0)
    lrs, smooth = np.array(result.lrs), result.smoothed
    ax.plot(lrs, result.losses, color=SOFT, alpha=0.35, lw=0.8, label="batches")
    ax.plot(lrs, smooth, color=BLUE, lw=1.8, label="smoothed")
    ax.set_xscale("log")
    at = int(np.argmin(np.abs(np.log(lrs / result.suggestion))))
    ax.plot(
        result.suggestion, smooth[at], "o", color=VERMILION, ms=7, label=f"suggestion {result.suggestion:g}"
    )
    if lrs[0] <= result.recipe_lr <= lrs[-1]:
        ax.axvline(result.recipe_lr, color=INK, lw=0.9, ls="--", label=f"recipe {result.recipe_lr:g}")
    low, high = float(smooth.min()), float(smooth[0])
    ax.set_ylim(
        low - 0.35 * (high - low) - 0.02, max(high, np.quantile(smooth, 0.9)) + 0.5 * (high - low) + 0.02
    )
    _style(ax, "learning rate")
    ax.minorticks_off()
    _legend(ax)
    set_title(
        ax,
        "Learning-rate range test",
        f"training loss, nats; {result.optimizer}, {counted(len(lrs), 'batch', 'batches')}",
    )
    return ax


def _dots(
    ax: Axes, trials: Sequence[Trial], color: str, label: str, *, hollow: bool = False, marker: str = "o"
) -> None:
    if trials:
        ax.plot(
            [one.number for one in trials], [100 * (one.accuracy or 0) for one in trials], marker,
            color=color, mfc="none" if hollow else color, ms=5, label=label,
        )  # fmt: skip


def _line(
    ax: Axes, trial: Trial, space: Space, scales: Sequence[Scale], top: Scale | None,
    *, color: str, alpha: float, lw: float,
) -> None:  # fmt: skip
    """One trial over the axes of the keys it has, and over that of the accuracy."""
    heights = [
        scale.position(trial.values[key]) for key, scale in zip(space.parameters, scales, strict=True)
        if key in trial.values
    ]  # fmt: skip
    if top is not None and trial.accuracy is not None:
        heights.append(top.position(100 * trial.accuracy))
    ax.plot(range(len(heights)), heights, color=color, alpha=alpha, lw=lw, solid_joinstyle="round")


def _axis(ax: Axes, at: int, scale: Scale) -> None:
    ax.plot([at, at], [0, 1], color=SOFT, lw=1, zorder=1)
    for value, text in scale.ticks:
        ax.annotate(
            text, (at, scale.position(value)), (4, 0), textcoords="offset points", va="center",
            fontsize=8, color=SOFT, parse_math=False,
        )  # fmt: skip


def _accuracy_scale(accuracies: Sequence[float]) -> Scale | None:
    from mien.tuning.parameters import Range

    if not accuracies:
        return None
    low, high = 100 * min(accuracies), 100 * max(accuracies)
    return scale_of(Range(low, high if high > low else low + 1.0))


def _key(name: str) -> str:
    """A key in two lines: its section and its name."""
    section, _, last = name.rpartition(".")
    return f"{shorten(section, 18)}\n{shorten(last, 18)}" if section else shorten(last, 18)


def _style(ax: Axes, label: str) -> None:
    style_scale(ax, "y")
    ax.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=9)
    ax.set_xlabel(label, color=SOFT)


def _legend(ax: Axes) -> None:
    ax.legend(frameon=False, fontsize=9, labelcolor=INK)
