import pytest

from mien.figures import style


@pytest.mark.parametrize(
    ("name", "expected"),
    [("happy", "happy"), ("x" * 24, "x" * 24), ("x" * 12 + "y" * 13, "x" * 12 + "…" + "y" * 11), ("", "")],
)
def test_shorten(name, expected):
    assert style.shorten(name) == expected


def test_given_axes_are_used():
    ax = style.new_figure(2, 2).add_subplot()
    assert style.axes_or_new(ax, 9, 9) is ax
    assert style.axes_or_new(None, 3, 4).figure.get_size_inches().tolist() == [3, 4]
