"""Figures of an evaluation that show faces: frequent confusions, confident errors, examples.

The predictions must have images.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.evaluation.evaluation import Evaluation
from mien.evaluation.examples import evenly_spaced, faces_of_confusion
from mien.figures.inline_images import thumbnail
from mien.figures.sheet import new_sheet, show_image, write_line
from mien.figures.style import BLUE, FAINT, SOFT, VERMILION, pixels_of, shorten
from mien.labels import colors_of
from mien.predictions import Predictions

CONFUSIONS, FACES_PER_CONFUSION, ERRORS, EXAMPLES = 8, 6, 24, 12
ERRORS_PER_ROW, EXAMPLES_PER_ROW = 8, 3
MOST_BARS = 8
"""Classes shown beside an example: the most probable, and the true one."""
LARGEST_SIDE = 72
"""Pixels of a face; larger ones are scaled down, so that a page stays below 5 MB."""
FACE, GAP, BAR, LABELS = 1.1, 0.15, 0.16, 2.3
"""Inches: side of a face, space between things, height of a bar, width of a column of labels."""


def frequent_confusions(evaluation: Evaluation, predictions: Predictions) -> Figure:
    """Draw the most frequent confusions, each with its faces of highest confidence."""
    confusions = evaluation.confusions[:CONFUSIONS]
    step = FACE + GAP
    figure, axes = new_sheet(LABELS + FACES_PER_CONFUSION * step, len(confusions) * step + GAP)
    for row, confusion in enumerate(confusions):
        top = GAP + row * step
        count = f"{confusion.count:,} ({100 * confusion.share:.0f} % of the true class)"
        for line, y in ((f"{shorten(confusion.label)} →", 0.26), (shorten(confusion.predicted), 0.46)):
            write_line(axes, LABELS - GAP, top + y * FACE, line, ha="right", weight="bold", size=9)
        write_line(axes, LABELS - GAP, top + 0.7 * FACE, count, ha="right", color=SOFT)
        for column, at in enumerate(faces_of_confusion(predictions, confusion, FACES_PER_CONFUSION)):
            _show_face(axes, predictions, int(at), LABELS + column * step, top)
    return figure


def confident_errors(evaluation: Evaluation, predictions: Predictions) -> Figure:
    """Draw the misclassified faces of highest confidence, with predicted class and label."""
    errors = evaluation.confident_errors[:ERRORS]
    across, down = FACE + GAP, FACE + 3.2 * GAP
    figure, axes = new_sheet(GAP + ERRORS_PER_ROW * across, -(-len(errors) // ERRORS_PER_ROW) * down + GAP)
    for number, error in enumerate(errors):
        row, column = divmod(number, ERRORS_PER_ROW)
        left, top = GAP + column * across, GAP + row * down
        _show_face(axes, predictions, error.index, left, top)
        guess = f"{shorten(error.predicted, 10)} {100 * error.confidence:.0f} %"
        write_line(axes, left, top + FACE + 0.11, guess, color=VERMILION)
        write_line(axes, left, top + FACE + 0.27, f"label: {shorten(error.label, 10)}", color=SOFT)
    return figure


def examples(predictions: Predictions) -> Figure:
    """Draw faces at even distances in the split beside their probabilities; the label is bold."""
    positions = evenly_spaced(len(predictions), EXAMPLES)
    bars = min(MOST_BARS, len(predictions.classes))
    across = 2.4 * FACE + 7 * GAP
    down = max(FACE + 2 * GAP, BAR * bars) + 1.5 * GAP
    figure, axes = new_sheet(
        GAP + EXAMPLES_PER_ROW * across, -(-len(positions) // EXAMPLES_PER_ROW) * down + GAP
    )
    for number, at in enumerate(positions):
        row, column = divmod(number, EXAMPLES_PER_ROW)
        left, top = GAP + column * across, GAP + row * down
        _show_face(axes, predictions, int(at), left, top)
        correct = bool(predictions.correct[at])
        words, color = ("✓ correct", BLUE) if correct else ("✗ wrong", VERMILION)
        write_line(axes, left, top + FACE + 0.11, words, color=color)
        _show_probabilities(axes, predictions, int(at), left + FACE + 5 * GAP, top)
    return figure


def _show_probabilities(axes: Axes, predictions: Predictions, at: int, left: float, top: float) -> None:
    shown = _bars_of(predictions, at)
    colors = colors_of(predictions.classes)
    middles = top + BAR * (np.arange(len(shown)) + 0.5)
    width = 1.2 * FACE
    axes.barh(middles, width, left=left, height=0.6 * BAR, color=FAINT, alpha=0.6)
    probabilities = predictions.probabilities[at, shown]
    axes.barh(
        middles, width * probabilities, left=left, height=0.6 * BAR, color=[colors[label] for label in shown]
    )
    for label, probability, middle in zip(shown, probabilities, middles, strict=True):
        weight = "bold" if label == predictions.labels[at] else "normal"
        name = shorten(predictions.classes[label], 10)
        write_line(axes, left - 0.05, middle, name, ha="right", size=7, weight=weight)
        write_line(axes, left + width + 0.05, middle, f"{100 * probability:.0f}", size=7, color=SOFT)


def _bars_of(predictions: Predictions, at: int) -> list[int]:
    """Labels shown beside a face: all in their order, or the most probable and the true one."""
    if len(predictions.classes) <= MOST_BARS:
        return list(range(len(predictions.classes)))
    ranked = np.argsort(-predictions.probabilities[at], kind="stable")[:MOST_BARS].tolist()
    label = int(predictions.labels[at])
    return ranked if label in ranked or label < 0 else [*ranked[:-1], label]


def _show_face(axes: Axes, predictions: Predictions, at: int, left: float, top: float) -> None:
    image = predictions.require_images("galleries")[at]
    show_image(axes, pixels_of(thumbnail(image, LARGEST_SIDE)), left, top, FACE)
