import cv2
import numpy as np
import pytest

from mien.detection.box import Box
from mien.detection.rotated_views import part_around, rotated_view


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_an_image_of_the_right_size_is_not_copied():
    picture = noise(70, 90, 3)
    look = rotated_view(picture, 90)
    assert look.image is picture
    assert look.box(1, 2, 3, 4) == Box(1, 2, 3, 4)


@pytest.mark.parametrize("shape", [(400, 300), (90, 120), (300, 300, 3)])
@pytest.mark.parametrize("tilt", [0, 25, -60])
def test_boxes_come_back_to_where_they_are_in_the_image(shape, tilt):
    picture = np.zeros(shape, np.uint8)
    cv2.circle(picture, (shape[1] // 3, shape[0] // 4), 12, (255, 255, 255), -1)
    look = rotated_view(picture, 200, tilt)
    gray = look.image if look.image.ndim == 2 else look.image[..., 0]
    left, top, width, height = cv2.boundingRect((gray > 128).astype(np.uint8))
    box = look.box(left, top, width, height)
    assert box.left + box.width / 2 == pytest.approx(shape[1] // 3 + 0.5, abs=1.0)
    assert box.top + box.height / 2 == pytest.approx(shape[0] // 4 + 0.5, abs=1.0)
    assert box.width == pytest.approx(25, abs=2.5)
    assert box.height == pytest.approx(25, abs=2.5)


def test_a_head_rotated_clockwise_is_upright_in_the_view():
    picture = np.zeros((200, 200), np.uint8)
    # As an hour hand between two and three: the crown of a head that is tilted by 72 degrees.
    cv2.circle(
        picture, (int(100 + 80 * np.sin(np.radians(72))), int(100 - 80 * np.cos(np.radians(72)))), 8, 255, -1
    )
    rows, columns = np.nonzero(rotated_view(picture, 200, 72.0).image > 128)
    middle = rotated_view(picture, 200, 72.0).image.shape[1] / 2
    assert columns.mean() == pytest.approx(middle, abs=2)
    assert rows.mean() < rotated_view(picture, 200, 72.0).image.shape[0] / 2 - 70


@pytest.mark.parametrize("tilt", [0, 45])
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5000, 3), (5000, 1, 3), (2, 3)])
def test_extreme_image_shapes_can_be_viewed(shape, tilt):
    look = rotated_view(noise(*shape), 320, tilt)
    assert min(look.image.shape[:2]) >= 64
    assert max(look.image.shape[:2]) <= 320 * 1.5
    box = look.box(0, 0, look.image.shape[1], look.image.shape[0])
    assert box.left + box.width / 2 == pytest.approx(shape[1] / 2, abs=0.01)
    assert box.top + box.height / 2 == pytest.approx(shape[0] / 2, abs=0.01)


def test_the_surroundings_of_a_box_are_twice_as_long():
    picture = noise(100, 200, 3)
    part, left, top = part_around(picture, Box(50, 40, 20, 10))
    assert part.shape == (40, 40, 3)
    assert np.array_equal(part, picture[25:65, 40:80])
    assert (left, top) == (40, 25)


@pytest.mark.parametrize("box", [(-50, -50, 10, 10), (500, 10, 5, 5), (190, 90, 30, 30), (1e9, -1e9, 1, 1)])
def test_the_surroundings_end_where_the_image_does(box):
    part, left, top = part_around(noise(100, 200, 3), Box(*box))
    assert part.size
    assert 0 <= left < 200
    assert 0 <= top < 100


@pytest.mark.parametrize("tilt", [0, 25, -60])
def test_points_come_back_as_the_centers_of_boxes_do(tilt):
    look = rotated_view(noise(90, 120, 3), 200, tilt)
    box = look.box(30, 20, 10, 8)
    assert look.points(np.array([[35.0, 24.0]]))[0] == pytest.approx(
        (box.left + box.width / 2, box.top + box.height / 2)
    )
