"""Which faces are shown is a rule: the most confident, or at equal distances."""

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.evaluation import evaluate
from mien.evaluation.examples import even_positions, faces_of_pattern


def test_faces_of_a_pattern_are_its_most_confident():
    given = predictions(300, 4)
    pattern = evaluate(given).patterns[0]
    positions = faces_of_pattern(given, pattern, 1000)
    assert len(positions) == pattern.count
    assert {given.classes[label] for label in given.labels[positions]} == {pattern.truth}
    assert {given.classes[label] for label in given.predicted[positions]} == {pattern.answer}
    assert (np.diff(given.confidence[positions]) <= 0).all()
    assert faces_of_pattern(given, pattern, 2).tolist() == positions[:2].tolist()


@pytest.mark.parametrize(
    ("n", "count", "expected"), [(1, 12, [0]), (3, 12, [0, 1, 2]), (11, 3, [0, 5, 10]), (100, 2, [0, 99])]
)
def test_even_positions(n, count, expected):
    assert even_positions(n, count).tolist() == expected
