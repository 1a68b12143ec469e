"""Figures of an evaluation that show faces: error patterns, confident mistakes, examples."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.evaluate.evaluation import Evaluation
from mien.evaluate.examples import colours_of, even_positions, faces_of_pattern
from mien.evaluate.plots import BLUE, FAINT, INK, VERMILION
from mien.evaluate.predictions import Predictions

PATTERNS, FACES_A_PATTERN, MISTAKES, EXAMPLES = 8, 6, 24, 12


def patterns_figure(evaluation: Evaluation, predictions: Predictions) -> Figure:
    """Draw the most frequent kinds of mistake, each with its most confident faces.

    `predictions` must hold faces.
    """
    patterns = evaluation.patterns[:PATTERNS]
    figure = Figure(figsize=(9, 0.4 + 1.05 * max(1, len(patterns))), layout="constrained")
    widths = [3.2, *[1] * FACES_A_PATTERN]
    grid = figure.subplots(max(1, len(patterns)), 1 + FACES_A_PATTERN, squeeze=False, width_ratios=widths)
    _hide(grid)
    for row, pattern in zip(grid, patterns, strict=False):
        how_many = f"{pattern.count:,} faces, {100 * pattern.share:.0f} % of {pattern.truth}"
        words = f"{pattern.truth} taken for {pattern.answer}\n{how_many}"
        row[0].text(1, 0.5, words, ha="right", va="center", color=INK, fontsize=10)
        for axes, at in zip(row[1:], faces_of_pattern(predictions, pattern, FACES_A_PATTERN), strict=False):
            _show_face(axes, predictions, at)
    return figure


def mistakes_figure(evaluation: Evaluation, predictions: Predictions) -> Figure:
    """Draw the most confident mistakes: truth, answer and confidence. `predictions` must hold faces."""
    mistakes = evaluation.mistakes[:MISTAKES]
    rows = max(1, -(-len(mistakes) // 6))
    figure = Figure(figsize=(9, 0.3 + 1.75 * rows), layout="constrained")
    grid = figure.subplots(rows, 6, squeeze=False)
    _hide(grid)
    for axes, mistake in zip(grid.flat, mistakes, strict=False):
        _show_face(axes, predictions, mistake.position)
        words = f"{mistake.answer} {100 * mistake.confidence:.0f} %\ntruth: {mistake.truth}"
        axes.set_title(words, fontsize=8, color=VERMILION)
    return figure


def examples_figure(predictions: Predictions) -> Figure:
    """Draw faces at even distances beside their probabilities. `predictions` must hold faces."""
    positions = even_positions(len(predictions), EXAMPLES)
    rows = -(-len(positions) // 3)
    high = max(1.5, 0.5 + 0.16 * len(predictions.classes))
    figure = Figure(figsize=(10, high * rows), layout="constrained")
    grid = figure.subplots(rows, 6, squeeze=False, width_ratios=[1, 1.3] * 3)
    _hide(grid)
    pairs = grid.reshape(-1, 2)
    for (picture, bars), at in zip(pairs, positions, strict=False):
        _show_face(picture, predictions, at)
        _show_probabilities(bars, predictions, at)
    return figure


def _show_probabilities(axes: Axes, predictions: Predictions, at: int) -> None:
    names, truth = predictions.classes, int(predictions.labels[at])
    axes.set_axis_on()
    axes.barh(range(len(names)), predictions.probabilities[at], color=colours_of(names))
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.get_yticklabels()[truth].set_fontweight("bold")
    axes.set(xlim=(0, 1), xticks=())
    axes.invert_yaxis()
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(FAINT)
    right = bool(predictions.correct[at])
    axes.set_title(f"truth: {names[truth]}", fontsize=8, color=BLUE if right else VERMILION)


def _show_face(axes: Axes, predictions: Predictions, at: int) -> None:
    if predictions.faces is None:
        raise ValueError("these predictions hold no faces to show")
    axes.imshow(predictions.faces[at], cmap="gray", vmin=0, vmax=255, interpolation="bicubic")


def _hide(grid: Any) -> None:  # noqa: ANN401 - an array of Axes
    for axes in grid.flat:
        axes.set_axis_off()
