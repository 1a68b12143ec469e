"""The figure of a comparison of runs."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mien.figures.style import INK, SOFT, new_figure, set_title, shorten, style_scale
from mien.training.run_folder.state import Epoch

if TYPE_CHECKING:
    from mien.run_list.comparison import ComparedRun

COLORS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e6a800", "#56b4e9", "#9467bd", "#7f7f7f")
"""The palette of Okabe and Ito, and two more; the ninth run has the first color with another dash."""
DASHES: Final = ("-", "--", ":")
MARKED: Final = 30
"""Curves of fewer epochs have a mark at each."""
WITH_TRAINING: Final = 4
"""Most runs whose training curves are drawn, too."""

Curve = Callable[[Epoch], float]


def plot_runs(runs: "Sequence[ComparedRun]") -> Figure:
    """Return a figure of accuracy and loss by epoch, accuracy by training time, and learning rate."""
    figure = new_figure(11, 8)
    accuracy, loss, by_time, rate = figure.subplots(2, 2).flat
    both = len(runs) <= WITH_TRAINING
    subtitle = "solid: validation; thin: training" if both else "on validation"
    _draw(accuracy, runs, lambda row: 100 * row.validation_accuracy)
    _draw(loss, runs, lambda row: row.validation_loss)
    if both:
        _draw(accuracy, runs, lambda row: 100 * row.train_accuracy, thin=True)
        _draw(loss, runs, lambda row: row.train_loss, thin=True)
    _draw(by_time, runs, lambda row: 100 * row.validation_accuracy, minutes=True)
    _draw(rate, runs, lambda row: row.lr)
    for axes, title, text in (
        (accuracy, "Accuracy, percent", subtitle),
        (loss, "Loss, nats", f"{subtitle}; training losses depend on the recipe"),
        (by_time, "Validation accuracy by training time", "percent; times depend on the machine"),
        (rate, "Learning rate", "at the last batch of each epoch"),
    ):
        set_title(axes, title, text)
    rate.set_yscale("log" if all(row.lr > 0 for run in runs for row in run.history) else "linear")
    rate.minorticks_off()
    legend = figure.legend(
        accuracy.lines[: len(runs)], [f" {shorten(run.name, 40)}" for run in runs],
        loc="outside lower center", ncols=min(4, len(runs)), frameon=False, fontsize=9, labelcolor=INK,
    )  # fmt: skip
    for name in legend.get_texts():
        name.set_parse_math(False)
    return figure


def color_of(number: int) -> str:
    """Return the color of a run by its position."""
    return COLORS[number % len(COLORS)]


def _draw(
    axes: Axes, runs: "Sequence[ComparedRun]", value: Curve, *, thin: bool = False, minutes: bool = False
) -> None:
    for number, run in enumerate(runs):
        rows = run.history
        ended = accumulate(row.seconds / 60 for row in rows)
        (line,) = axes.plot(
            list(ended) if minutes else [row.epoch for row in rows], [value(row) for row in rows],
            color=color_of(number), ls=DASHES[number // len(COLORS) % len(DASHES)],
            lw=0.8 if thin else 1.6, alpha=0.7 if thin else 1,
            marker="." if len(rows) < MARKED and not thin else "",
        )  # fmt: skip
        line.set_gid(run.name)
    style_scale(axes, "y")
    axes.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=9)
    axes.set_xlabel("minutes" if minutes else "epoch", color=SOFT)
    if not minutes:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
