import pytest

from mien.percent import percent


@pytest.mark.parametrize(
    ("fraction", "digits", "expected"),
    [(0.709, 0, "71 %"), (0.709, 1, "70.9 %"), (1.0, 0, "100 %"), (0.0, 2, "0.00 %")],
)
def test_a_fraction_in_percent(fraction, digits, expected):
    assert percent(fraction, digits) == expected
