import numpy as np
import pytest

from mien.data.synthetic.rendering import paint
from mien.data.synthetic.traits import draw_traits
from mien.labels import EMOTIONS


def person(**changed):
    """The same bare, upright, unmoved face with some traits changed, as traits of one face."""
    traits = draw_traits(np.array([EMOTIONS.index("neutral")]), np.random.default_rng(3))
    plain = {
        "hair_style": 1,
        "beard": 0,
        "glasses": 0,
        "tilt": 0,
        "scale": 1,
        "shift_x": 0,
        "shift_y": 0,
        "gaze": 0,
    }
    return {
        name: np.array([float(changed.get(name, plain.get(name, value[0])))])
        for name, value in traits.items()
    }


def picture(**changed):
    return paint(person(**changed), 96)[0].astype(float)


@pytest.mark.parametrize(
    ("trait", "value", "rows"),
    [
        ("open", 0.35, slice(66, 96)),
        ("curve", 0.17, slice(62, 86)),
        ("lid", 0.6, slice(34, 54)),
        ("inner", 0.16, slice(20, 46)),
        ("wrinkle", 1.0, slice(34, 64)),
        ("glasses", 1.0, slice(30, 64)),
        ("beard", 1.0, slice(48, 96)),
    ],
)
def test_a_trait_changes_the_part_of_the_face_it_belongs_to(trait, value, rows):
    change = np.abs(picture(**{trait: value}) - picture(**{trait: 0.0}))
    assert change.max() > 20
    assert change[rows].sum() > 0.85 * change.sum()


def test_an_open_mouth_is_darker_than_a_closed_one():
    mouth = slice(72, 84), slice(42, 54)
    assert picture(open=0.35, teeth=0)[mouth].mean() < picture(open=0, teeth=0)[mouth].mean() - 40


def test_paint_is_the_same_whether_alone_or_in_company():
    traits = draw_traits(np.arange(7), np.random.default_rng(0))
    together = paint(traits, 48)
    alone = [paint({name: value[i : i + 1] for name, value in traits.items()}, 48)[0] for i in range(7)]
    np.testing.assert_array_equal(together, alone)


def test_a_larger_side_is_the_same_picture():
    traits = draw_traits(np.arange(7), np.random.default_rng(1))
    small, large = paint(traits, 48).astype(float), paint(traits, 144).astype(float)
    shrunk = large.reshape(7, 48, 3, 48, 3).mean(axis=(2, 4))
    assert np.abs(shrunk - small).mean() < 6
