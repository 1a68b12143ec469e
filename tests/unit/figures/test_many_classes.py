import numpy as np
import pytest

from mien.figures.many_classes import largest_classes, omission


def test_all_classes_or_the_largest():
    assert largest_classes([3, 0, 5]).tolist() == [0, 1, 2]
    assert largest_classes(np.arange(100)).tolist() == list(range(70, 100))
    assert largest_classes([1] * 31).tolist() == list(range(30))


@pytest.mark.parametrize(
    ("classes", "rule", "expected"),
    [
        (7, {}, ""),
        (30, {}, ""),
        (31, {}, ", the 30 largest of 31 classes"),
        (1000, {"rule": "most confused"}, ", the 30 most confused of 1,000 classes"),
    ],
)
def test_omission(classes, rule, expected):
    assert omission(classes, **rule) == expected
