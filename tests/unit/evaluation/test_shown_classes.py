"""Of many classes, figures and tables show those with errors."""

import numpy as np

from builders import predictions
from mien.evaluation.scoring import evaluate
from mien.evaluation.shown_classes import lowest_f1, most_confused
from mien.figures.many_classes import MOST_CLASSES

CLASSES = 60


def evaluation(labels, predicted, classes=CLASSES):
    rows = np.eye(classes, dtype=np.float32)[predicted]
    return evaluate(predictions(len(labels), classes, labels=np.array(labels), probabilities=rows))


def test_few_classes_are_shown_in_their_order():
    found = evaluation([0, 1, 2], [0, 2, 2], classes=4)
    assert most_confused(found) == [0, 1, 2, 3]
    assert lowest_f1(found) == found.per_class


def test_confused_classes_come_before_large_ones():
    large = list(range(30)) * 9  # without errors
    labels, predicted = [*large, 59, 59, 40], [*large, 50, 50, 41]
    found = evaluation(labels, predicted)
    assert most_confused(found) == [*range(26), 40, 41, 50, 59]


def test_frequent_pairs_come_first_and_stay_together():
    pairs = [(2 * at, 2 * at + 1, 20 - at) for at in range(20)]  # fewer and fewer faces
    labels = [label for label, _, count in pairs for _ in range(count)]
    predicted = [guess for _, guess, count in pairs for _ in range(count)]
    assert most_confused(evaluation(labels, predicted)) == list(range(MOST_CLASSES))


def test_lowest_f1_in_ascending_order_and_classes_without_faces_last():
    labels, predicted = [*range(40), 5, 7, 7], [*range(40), 6, 6, 6]
    rows = lowest_f1(evaluation(labels, predicted))
    assert len(rows) == MOST_CLASSES
    assert [row.name for row in rows[:3]] == ["class6", "class7", "class5"]
    assert [row.f1 for row in rows] == sorted(row.f1 for row in rows)
    few = lowest_f1(evaluation([59, 58], [59, 0]))
    assert [row.name for row in few[:3]] == ["class58", "class59", "class0"]
