import numpy as np
import pytest

from mien.figures import style


@pytest.mark.parametrize(
    ("name", "expected"), [("happy", "happy"), ("x" * 24, "x" * 24), ("x" * 25, "x" * 23 + "…"), ("", "")]
)
def test_shorten(name, expected):
    assert style.shorten(name) == expected


def test_figures_show_all_classes_or_the_largest():
    assert style.largest_classes(np.array([3, 0, 5])).tolist() == [0, 1, 2]
    counts = np.arange(100)
    assert style.largest_classes(counts).tolist() == list(range(70, 100))


@pytest.mark.parametrize(("classes", "expected"), [(7, ""), (30, ""), (31, ", 30 of 31 classes")])
def test_omission(classes, expected):
    assert style.omission(classes) == expected


def test_given_axes_are_used():
    ax = style.new_figure(2, 2).add_subplot()
    assert style.axes_or_new(ax, 9, 9) is ax
    assert style.axes_or_new(None, 3, 4).figure.get_size_inches().tolist() == [3, 4]
