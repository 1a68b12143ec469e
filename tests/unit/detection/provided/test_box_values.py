import math

import numpy as np
import pytest

from mien.detection.base import Detection
from mien.detection.provided.box_values import box_of, face_of, number_in
from mien.errors import DetectorError
from mien.limits import MAX_COORDINATE


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3, 4],
        (1.0, 2.0, 3.0, 4.0),
        np.array([1, 2, 3, 4]),
        np.array([1, 2, 3, 4], np.float32),
        iter([1, 2, 3, 4]),
    ],
)
def test_four_numbers_are_a_box(values: object) -> None:
    assert box_of(values, "x") == (1, 2, 3, 4)


@pytest.mark.parametrize(
    "values",
    [
        "1234",
        b"1234",
        ["1", "2", "3", "4"],
        [1, 2, 3, True],
        [1, 2, 3],
        [1, 2, 3, 4, 5],
        {1: 1, 2: 2, 3: 3, 4: 4},
        [1, 2, 3, None],
        [[1], 2, 3, 4],
        [1, 2, math.nan, 4],
        [1, 2, math.inf, 4],
        [1, 2, 10**5000, 4],
        [1, 2, 2 * MAX_COORDINATE, 4],
        [-1e10, 2, 3, 4],
        [1, 2, 0, 4],
        [1, 2, 3, -4],
        [1j, 2, 3, 4],
        None,
        7,
    ],
)
def test_anything_else_is_no_box(values: object) -> None:
    with pytest.raises(DetectorError, match=r"^x: .*; expected left, top, width, height in pixels"):
        box_of(values, "x")


@pytest.mark.parametrize(
    ("cell", "number"), [("1", 1.0), (" -2.5 ", -2.5), (".5", 0.5), ("1e3", 1000.0), ("5.", 5.0), (3, 3)]
)
def test_cells_contain_numbers(cell: object, number: float) -> None:
    assert number_in(cell) == number


@pytest.mark.parametrize("cell", ["1_0", "nan", "inf", "0x10", "\u0661", "", "1 2", "9" * 100, "True", None])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert number_in(cell) == cell


def test_a_face_has_the_score_and_tilt_of_its_result() -> None:
    assert face_of([1, 2, 3, 4], {"score": "0.5", "tilt": -90}, "x") == Detection((1, 2, 3, 4), 0.5, -90.0)
    assert face_of([1, 2, 3, 4], {"score": "", "tilt": None}, "x") == Detection((1, 2, 3, 4), 1.0, 0.0)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"score": "high"}, "x, score: high, expected a number, 0 to 1"),
        ({"score": 1.5}, "x, score: 1.5, expected"),
        ({"score": True}, "x, score: True, expected"),
        ({"score": math.nan}, "x, score: nan, expected"),
        ({"tilt": 1e9}, "x, tilt: 1000000000.0, expected a number, -360 to 360"),
        ({"tilt": [1]}, "x, tilt: "),
    ],
)
def test_another_score_or_tilt_is_refused(found: dict[str, object], message: str) -> None:
    with pytest.raises(DetectorError, match=message):
        face_of([1, 2, 3, 4], found, "x")
