"""Figures of an evaluation that show faces: error patterns, confident mistakes, examples.

All of a gallery stands on one pair of axes that counts in inches from the top left corner: an
axes for each face would take matplotlib seconds. The predictions must hold faces.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.evaluation.evaluation import Evaluation
from mien.evaluation.examples import even_positions, faces_of_pattern
from mien.evaluation.plots import BLUE, FAINT, INK, VERMILION
from mien.evaluation.predictions import Predictions
from mien.labels import colors_of

PATTERNS, FACES_A_PATTERN, MISTAKES, EXAMPLES = 8, 6, 24, 12
MISTAKES_A_ROW, EXAMPLES_A_ROW = 6, 3
FACE, GAP, BAR = 1.3, 0.15, 0.17
"""Inches: side of a face, space between things, height of a bar with its name."""


def patterns_figure(evaluation: Evaluation, predictions: Predictions) -> Figure:
    """Draw the most frequent kinds of mistake, each with its most confident faces."""
    patterns = evaluation.patterns[:PATTERNS]
    step, words = FACE + GAP, 2.6
    figure, axes = _sheet(words + FACES_A_PATTERN * step, len(patterns) * step)
    for row, pattern in enumerate(patterns):
        top = GAP + row * step
        how_many = f"{pattern.count:,} faces, {100 * pattern.share:.0f} % of {pattern.truth}"
        name = f"{pattern.truth} taken for {pattern.answer}"
        axes.text(words - GAP, top + FACE / 2, f"{name}\n{how_many}", ha="right", va="center", color=INK)
        for column, at in enumerate(faces_of_pattern(predictions, pattern, FACES_A_PATTERN)):
            _show_face(axes, predictions, int(at), words + column * step, top)
    return figure


def mistakes_figure(evaluation: Evaluation, predictions: Predictions) -> Figure:
    """Draw the most confident mistakes: answer, its confidence, and truth."""
    mistakes = evaluation.mistakes[:MISTAKES]
    across, down = FACE + GAP, FACE + 3 * GAP
    rows = -(-len(mistakes) // MISTAKES_A_ROW)
    figure, axes = _sheet(GAP + MISTAKES_A_ROW * across, rows * down)
    for number, mistake in enumerate(mistakes):
        row, column = divmod(number, MISTAKES_A_ROW)
        left, top = GAP + column * across, GAP + row * down
        _show_face(axes, predictions, mistake.position, left, top)
        words = f"{mistake.answer} {100 * mistake.confidence:.0f} %\ntruth: {mistake.truth}"
        axes.text(left, top + FACE + 0.03, words, va="top", fontsize=8, color=VERMILION)
    return figure


def examples_figure(predictions: Predictions) -> Figure:
    """Draw faces at even distances beside their probabilities."""
    positions = even_positions(len(predictions), EXAMPLES)
    across = 2 * FACE + 7 * GAP
    down = max(FACE + 2 * GAP, BAR * len(predictions.classes)) + GAP
    rows = -(-len(positions) // EXAMPLES_A_ROW)
    figure, axes = _sheet(GAP + EXAMPLES_A_ROW * across, rows * down)
    for number, at in enumerate(positions):
        row, column = divmod(number, EXAMPLES_A_ROW)
        left, top = GAP + column * across, GAP + row * down
        _show_face(axes, predictions, int(at), left, top)
        color = BLUE if predictions.correct[at] else VERMILION
        truth = predictions.classes[predictions.labels[at]]
        axes.text(left, top + FACE + 0.03, f"truth: {truth}", va="top", fontsize=8, color=color)
        _show_probabilities(axes, predictions, int(at), left + FACE + 5 * GAP, top)
    return figure


def _show_probabilities(axes: Axes, predictions: Predictions, at: int, left: float, top: float) -> None:
    names, truth = predictions.classes, int(predictions.labels[at])
    middles = [top + BAR * (number + 0.5) for number in range(len(names))]
    axes.barh(middles, FACE, left=left, height=0.6 * BAR, color=FAINT, alpha=0.35)
    axes.barh(
        middles, FACE * predictions.probabilities[at], left=left, height=0.6 * BAR, color=colors_of(names)
    )
    for number, (name, middle) in enumerate(zip(names, middles, strict=True)):
        weight = "bold" if number == truth else "normal"
        axes.text(left - 0.05, middle, name, ha="right", va="center", fontsize=7, weight=weight, color=INK)


def _show_face(axes: Axes, predictions: Predictions, at: int, left: float, top: float) -> None:
    if predictions.faces is None:
        raise ValueError("these predictions hold no faces to show")
    place = (left, left + FACE, top + FACE, top)
    face = predictions.faces[at]
    axes.imshow(face, cmap="gray", vmin=0, vmax=255, interpolation="bicubic", extent=place, aspect="auto")


def _sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure and the axes that fill it, in inches with y downwards."""
    height += GAP
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    axes.autoscale(enable=False)
    return figure, axes
