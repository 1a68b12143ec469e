import numpy as np
import pytest

from mien.data.synthetic.shapes import Layer, between, ellipse, fill, mirrored, on_canvas, stroke

STRAIGHT = {"scale": 1.0, "tilt": 0.0, "shift_x": 0.0, "shift_y": 0.0}


def painted(corners, size=200, **pose):
    """The canvas of one face with one white shape on black."""
    values = {name: np.array([value]) for name, value in (STRAIGHT | pose).items()}
    canvas = np.zeros((size, size), np.uint8)
    fill(canvas, [on_canvas(Layer(corners, np.array([255.0])), values, size)], 0)
    return canvas > 0


@pytest.mark.parametrize(
    ("pose", "where"),
    [
        ({}, (145, 102)),
        ({"shift_x": 0.1}, (165, 102)),
        ({"shift_y": -0.1}, (145, 82)),
        ({"scale": 0.5}, (122.5, 102)),
        ({"tilt": np.pi / 2}, (100, 147)),
    ],
)
def test_a_pose_moves_a_dot_where_it_should(pose, where):
    rows, columns = np.nonzero(painted(ellipse(0.5, 0, 0.05, 0.05), **pose))
    np.testing.assert_allclose((columns.mean(), rows.mean()), where, atol=1.0)


def test_an_ellipse_has_its_area():
    area = painted(ellipse(0, 0, 0.5, 0.3)).sum() / 90**2
    assert area == pytest.approx(np.pi * 0.5 * 0.3, rel=0.05)


def test_a_shape_inside_another_of_one_layer_is_a_hole():
    ring = np.concatenate([ellipse(0, 0, 0.5, 0.5), ellipse(0, 0, 0.3, 0.3)], axis=1)
    picture = painted(ring)
    assert not picture[102, 100]
    assert picture[102, 136]


def test_mirrored_shapes_are_symmetric():
    right = ellipse(0.4, 0.1, 0.1, 0.2)
    both = mirrored(right)
    np.testing.assert_allclose(both[:, 0] * [-1, 1], both[:, 1])
    np.testing.assert_array_equal(both[:, 1:], right)


def test_between_two_curves():
    x = np.linspace(-0.5, 0.5, 5)[None]
    area = painted(between(x, np.array([[-0.2]]), np.array([[0.2]]))).sum() / 90**2
    assert area == pytest.approx(0.4, rel=0.06)


def test_a_stroke_is_as_thick_as_asked_in_the_middle_and_thinner_at_its_ends():
    picture = painted(stroke((-0.8, 0), (0, 0), (0.8, 0), thickness=0.2, blunt=0.25))
    assert picture[:, 100].sum() == pytest.approx(18, abs=2)
    assert picture[:, 32].sum() == pytest.approx(6, abs=3)


def test_each_face_has_its_own_shape_tone_and_visibility():
    pose = {name: np.full(3, value) for name, value in STRAIGHT.items()}
    layer = Layer(
        ellipse(0, 0, np.array([0.2, 0.4, 0.4]), 0.3),
        np.array([50.0, 100.0, 300.0]),
        np.array([True, True, False]),
    )
    placed = on_canvas(layer, pose, 100)
    canvases = [np.zeros((100, 100), np.uint8) for _ in range(3)]
    for face, canvas in enumerate(canvases):
        fill(canvas, [placed], face)
    assert [int(canvas.max()) for canvas in canvases] == [50, 100, 0]
    assert (canvases[1] > 0).sum() > 1.7 * (canvases[0] > 0).sum()
