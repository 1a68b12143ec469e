"""Plots show the numbers of the evaluation, for few classes and for many."""

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.plots import plot_class_metrics, plot_confusion, plot_reliability
from mien.evaluation.scoring import evaluate
from mien.figures.many_classes import MOST_CLASSES


def texts(ax):
    return [text.get_text() for text in ax.texts]


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_a_confusion_matrix_shows_percent_and_counts():
    given = predictions(6, 2, probabilities=np.float32([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0], [0, 1]]))
    found = evaluate(given)
    assert found.confusion_matrix == ((2, 1), (1, 2))
    ax = plot_confusion(found)
    assert texts(ax)[:8] == ["67", "2", "33", "1", "33", "1", "67", "2"]
    assert ticks(ax.xaxis) == ticks(ax.yaxis) == ["class0", "class1"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")


def test_classes_without_faces_have_rows_of_zeros():
    given = predictions(4, 3, labels=np.array([0, 0, 1, 1]))
    assert texts(plot_confusion(evaluate(given)))[12:18] == ["0"] * 6


@pytest.mark.parametrize(
    ("classes", "cells", "numbers"), [(2, 4, 8), (10, 100, 200), (20, 400, 400), (21, 441, 0), (50, 900, 0)]
)
def test_any_number_of_classes_fits(classes, cells, numbers):
    found = evaluate(predictions(200, classes))
    confusion, metrics = plot_confusion(found), plot_class_metrics(found)
    assert len(confusion.patches) == cells
    assert sum(text.isdigit() for text in texts(confusion)) == numbers
    assert len(metrics.patches) == min(classes, MOST_CLASSES)
    for ax in (confusion, metrics):
        ax.figure.draw_without_rendering()
        assert any("of 50 classes" in text for text in texts(ax)) == (classes == 50)


def test_bars_are_the_f1_of_each_class():
    found = evaluate(predictions())
    bars = plot_class_metrics(found).patches
    assert [bar.get_width() for bar in bars] == pytest.approx([100 * row.f1 for row in found.per_class])


def test_a_reliability_diagram_has_a_bar_for_each_bin_with_faces():
    found = evaluate(predictions(90))
    expected = [100 * row.accuracy for row in found.reliability if row.count]
    bars = plot_reliability(found).patches
    assert [bar.get_height() for bar in bars] == pytest.approx(expected)
    assert all(0.25 < bar.get_alpha() <= 1 for bar in bars)


def test_class_names_are_never_math():
    found = evaluate(predictions(classes=("$x_1$", "a_b^c", "50 $ or \\frac")))
    for plot in (plot_confusion, plot_class_metrics):
        axes = plot(found)
        axes.figure.draw_without_rendering()
        assert "$x_1$" in [
            text.get_text().replace("\\$", "$") for text in (*axes.get_yticklabels(), *axes.get_xticklabels())
        ]
