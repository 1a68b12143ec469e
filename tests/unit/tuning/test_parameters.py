from typing import Any

import pytest

from mien.tuning.parameters import Choices, Range, text_of


@pytest.mark.parametrize(
    ("one", "inside", "outside"),
    [
        (Range(1, 9), 3, 3.5),
        (Range(0.0, 1.0, step=0.25), 0.75, 0.8),
        (Range(1.0, 9.0), 3.5, 9.1),
        (Range(0, 9), 1, True),
        (Choices((None, 1)), None, 2),
        (Choices((1, 2)), 1, True),
    ],
)
def test_contains(one: Any, inside: object, outside: object) -> None:
    assert one.contains(inside)
    assert not one.contains(outside)


def test_text_of_a_stored_value() -> None:
    assert [text_of(one) for one in (None, True, 3, 0.123456, "a")] == ["null", "true", "3", "0.1235", "a"]
