import numpy as np
import pytest

from mien.data.synthetic.traits import MUSCLES, TRAITS, draw_traits
from mien.labels import EMOTIONS


def traits_of(emotion, n=2000):
    return draw_traits(np.full(n, EMOTIONS.index(emotion)), np.random.default_rng(0))


def test_the_table_has_one_column_an_emotion_and_one_for_the_person():
    assert {len(row) for row in MUSCLES.values()} == {len(EMOTIONS) + 1}
    assert all(row[EMOTIONS.index("neutral")] == 0 for row in MUSCLES.values())


@pytest.mark.parametrize("name", [name for name in TRAITS if name != "hair"])  # some hair is fair
def test_traits_stay_in_their_range_and_use_it(name):
    low, high = TRAITS[name]
    values = traits_of("neutral")[name]
    assert low <= values.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < values.max() <= high


@pytest.mark.parametrize(
    ("emotion", "muscle", "compared", "direction"),
    [
        ("happy", "curve", "neutral", 1),
        ("sad", "curve", "neutral", -1),
        ("surprise", "open", "happy", 1),
        ("surprise", "lid", "neutral", 1),
        ("angry", "inner", "neutral", -1),
        ("fear", "inner", "neutral", 1),
        ("disgust", "wrinkle", "angry", 1),
        ("fear", "mouth_half", "surprise", 1),
    ],
)
def test_emotions_move_the_muscles_that_make_them(emotion, muscle, compared, direction):
    felt, other = (traits_of(name)[muscle].mean() for name in (emotion, compared))
    assert direction * (felt - other) > 0.05


def test_nobody_grows_a_beard_under_long_hair_and_brows_are_darker_than_skin():
    traits = traits_of("angry")
    assert not ((traits["beard"] > 0) & (traits["hair_style"] == 2)).any()
    assert (traits["brow_tone"] < traits["skin"] - 50).all()
