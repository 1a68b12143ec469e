"""Which faces a report shows."""

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.examples import evenly_spaced, faces_of_confusion
from mien.evaluation.scoring import evaluate


def test_faces_of_a_confusion_are_all_of_it_and_sorted_by_confidence():
    given = predictions(300)
    confusion = evaluate(given).confusions[0]
    found = faces_of_confusion(given, confusion, 1000)
    assert len(found) == confusion.count
    assert {given.classes[label] for label in given.labels[found]} == {confusion.label}
    assert {given.classes[label] for label in given.predicted[found]} == {confusion.predicted}
    assert (np.diff(given.confidence[found]) <= 0).all()
    assert faces_of_confusion(given, confusion, 2).tolist() == found[:2].tolist()


@pytest.mark.parametrize(
    ("n", "count", "expected"), [(1, 12, [0]), (3, 12, [0, 1, 2]), (11, 3, [0, 5, 10]), (100, 2, [0, 99])]
)
def test_evenly_spaced(n, count, expected):
    assert evenly_spaced(n, count).tolist() == expected
