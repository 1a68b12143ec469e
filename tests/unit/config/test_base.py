import pytest
from pydantic import ValidationError

from mien.config.base import Fraction, Probability, Strict


class Part(Strict):
    share: Fraction = 0.0
    chance: Probability = 0.0


@pytest.mark.parametrize(
    "values",
    [
        {"shares": 0.5},
        {"share": 1.1},
        {"share": -0.1},
        {"share": float("nan")},
        {"chance": 1.0},
        {"chance": float("inf")},
    ],
)
def test_unknown_keys_and_values_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        Part.model_validate(values)


def test_the_ends_of_the_ranges_are_allowed():
    assert Part(share=1.0, chance=0.0) == Part(share=1, chance=0)


def test_a_part_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Part().share = 0.5
