import numpy as np
import pytest

from mien.evaluation.shifts.scenes import SCALES, TILTS, VIEWS, View, describe_views, scene, view_of

FACE = np.full((48, 48), 90, np.uint8)
FACE[12:16, 8:40] = 250


def test_every_combination_takes_its_turn():
    assert {view_of(position) for position in range(25)} == set(VIEWS)
    assert len(VIEWS) == len(SCALES) * len(TILTS)
    assert view_of(25) == view_of(0)


@pytest.mark.parametrize(("scale", "side"), [(0.5, 24), (1.0, 48), (2.0, 96)])
def test_the_face_is_in_the_center_of_twice_its_size(scale, side):
    image = scene(FACE, View(scale, 0))
    assert image.shape == (2 * side, 2 * side)
    part = image[side // 2 : side // 2 + side, side // 2 : side // 2 + side]
    if scale == 1:
        np.testing.assert_array_equal(part, FACE)
    else:
        assert part.mean() == pytest.approx(FACE.mean(), abs=2)


def test_a_tilt_is_clockwise():
    image = scene(FACE, View(1.0, 30)).astype(int)
    rows, columns = np.nonzero(image > 180)
    left, right = rows[columns < 42].mean(), rows[columns > 54].mean()
    assert right - left == pytest.approx(np.tan(np.radians(30)) * 19, abs=6)


def test_color_is_kept():
    face = np.stack([FACE, FACE // 2, FACE // 3], axis=2)
    image = scene(face, View(1.0, 0))
    assert image.shape == (96, 96, 3)
    np.testing.assert_array_equal(image[24:72, 24:72], face)


def test_what_docstrings_say_of_the_scenes_and_corruptions_is_true():
    from mien.api.evaluation import evaluate_shifts
    from mien.cli.bundle import record
    from mien.evaluation.robustness.corruptions import describe_corruptions

    assert describe_views() == "at 0.5 to 2 times their size and tilts up to 30 degrees"
    assert describe_corruptions() == "12 corruptions at 5 strengths"
    assert describe_views() in " ".join(record.__doc__.split())
    assert "at 0.5 to 2 times its size and a tilt of up to 30 degrees" in " ".join(
        evaluate_shifts.__doc__.split()
    )
    assert "the twelve corruptions" in evaluate_shifts.__doc__
