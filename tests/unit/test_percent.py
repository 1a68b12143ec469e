import pytest

from mien.percent import p_value, percent


@pytest.mark.parametrize(
    ("fraction", "digits", "expected"),
    [(0.709, 0, "71 %"), (0.709, 1, "70.9 %"), (1.0, 0, "100 %"), (0.0, 2, "0.00 %")],
)
def test_a_fraction_in_percent(fraction, digits, expected):
    assert percent(fraction, digits) == expected


@pytest.mark.parametrize(
    ("p", "symbol", "expected"),
    [
        (0.0421, "", "0.042"),
        (0.0421, "p", "p = 0.042"),
        (1.0, "mid-p", "mid-p = 1.000"),
        (0.001, "", "0.001"),
        (1e-7, "", "< 0.001"),
        (1e-7, "p", "p < 0.001"),
    ],
)
def test_a_p_value(p, symbol, expected):
    assert p_value(p, symbol) == expected
