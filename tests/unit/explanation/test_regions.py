"""Parts of the face: names of maps with a known place."""

import numpy as np
import pytest

from mien.explanation.regions import REGIONS, describe, parts_of, region_masks


@pytest.mark.parametrize("name", REGIONS)
@pytest.mark.parametrize("size", [24, 48, 112])
def test_a_map_of_one_part_is_named_by_it(name, size):
    mask = region_masks(size)[name]
    first = parts_of(mask.astype(np.float32))[0]
    assert (first.name, first.share) == (name, 1)
    assert describe(mask).split(", ")[0] == name


def test_an_even_map_is_about_no_part_and_neither_is_an_empty_one():
    assert describe(np.ones((48, 48))) == ""
    assert describe(-np.ones((48, 48))) == ""
    assert parts_of(np.zeros((48, 48))) == []
    assert all(part.ratio == pytest.approx(1) for part in parts_of(np.ones((48, 48))))


def test_what_is_outside_of_the_face_is_named():
    corner = np.zeros((48, 48))
    corner[:6, :6] = 1
    assert describe(corner) == "edges of the image"
