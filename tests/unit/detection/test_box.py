import math

import pytest

from mien.detection.box import Box


@pytest.mark.parametrize("values", [(0, 0, 1, 1), (-5.5, 1e6, 1e-9, 1e9)])
def test_a_box_with_an_area_is_valid(values):
    assert Box(*values).is_valid


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e10, -1e308, 1e308])
def test_numbers_that_no_image_has_are_not_valid(place, value):
    values = [1.0, 1.0, 1.0, 1.0]
    values[place] = value
    assert not Box(*values).is_valid


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1)])
def test_a_box_without_an_area_is_not_valid(size):
    assert not Box(0, 0, *size).is_valid
