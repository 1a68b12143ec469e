"""Figures without faces: they show the numbers of the evaluation, for few classes and for many."""

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.evaluation import evaluate
from mien.evaluation.plots import class_figure, confusion_figure, reliability_figure


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_confusion_shows_counts_and_percent():
    given = predictions(6, 2, probabilities=np.float32([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0], [0, 1]]))
    found = evaluate(given)
    assert found.confusion == ((2, 1), (1, 2))
    assert texts(confusion_figure(found, normalized=False)) == ["2", "1", "1", "2"]
    assert texts(confusion_figure(found, normalized=True)) == ["67", "33", "33", "67"]


def test_classes_without_faces_have_empty_rows():
    given = predictions(4, 3, labels=np.array([0, 0, 1, 1]))
    assert texts(confusion_figure(evaluate(given), normalized=True))[-3:] == ["0", "0", "0"]


@pytest.mark.parametrize("classes", [2, 20, 21])
def test_any_number_of_classes_fits(classes):
    given = predictions(200, classes)
    found = evaluate(given)
    confusion = confusion_figure(found, normalized=True)
    assert len(texts(confusion)) == (classes * classes if classes <= 20 else 0)
    bars = class_figure(found)
    assert len(bars.axes[0].patches) == classes
    for figure in (confusion, bars):
        figure.draw_without_rendering()


def test_bars_are_the_f1_of_each_class():
    found = evaluate(predictions())
    bars = class_figure(found).axes[0].patches
    assert [bar.get_width() for bar in bars] == pytest.approx([100 * row.f1 for row in found.per_class])


def test_reliability_bars_hold_every_face():
    given = predictions(90)
    upper, lower = reliability_figure(given).axes
    assert sum(bar.get_height() for bar in lower.patches) == 90
    assert max(bar.get_height() for bar in upper.patches) <= 1
