import cv2
import numpy as np
import pytest

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.crops import crop_faces

WHOLE = Framing()


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def contrast(*shape, seed=0):
    """Blobs of about twenty pixels, from black to white."""
    blurred = cv2.GaussianBlur(noise(*shape, seed=seed).astype(np.float32), (0, 0), 9)
    return cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def crop(gray, box, size=48, framing=WHOLE, tilt=0.0):
    faces = crop_faces(gray, [Detection(Box(*box), 1.0, tilt)], size, framing)
    assert faces.shape == (1, size, size)
    assert faces.dtype == np.uint8
    return faces[0]


def whole(gray, size=48):
    return crop(gray, (0, 0, gray.shape[1], gray.shape[0]), size)


def difference(one, other):
    return np.abs(one.astype(int) - other.astype(int))


def test_no_detections_make_no_faces():
    faces = crop_faces(noise(9, 9), [], 48, Framing())
    assert faces.shape == (0, 48, 48)
    assert faces.dtype == np.uint8


@pytest.mark.parametrize("size", [1, 8, 48, 97])
def test_a_face_of_the_right_size_stays_as_it_is(size):
    face = noise(size, size)
    assert np.array_equal(whole(face, size), face)


def test_pixels_are_cut_out_where_the_box_is():
    gray = noise(100, 120)
    assert np.array_equal(crop(gray, (31, 17, 48, 48)), gray[17:65, 31:79])


def test_the_order_is_that_of_the_detections():
    gray = noise(100, 120)
    corners = [(50, 3), (0, 0), (72, 52)]
    detections = [Detection(Box(*corner, 48, 48), 1.0) for corner in corners]
    for face, (left, top) in zip(crop_faces(gray, detections, 48, Framing()), corners, strict=True):
        assert np.array_equal(face, gray[top : top + 48, left : left + 48])


@pytest.mark.parametrize("factor", [2, 3, 7, 21, 42])
def test_a_large_face_is_averaged_over_areas(factor):
    gray = noise(48 * factor, 48 * factor)
    averaged = cv2.resize(gray, (48, 48), interpolation=cv2.INTER_AREA)
    assert difference(whole(gray), averaged).max() <= 1


@pytest.mark.parametrize("shape", [(2000, 2000), (333, 333), (901, 901)])
def test_any_large_face_is_nearly_averaged_over_areas(shape):
    gray = noise(*shape)
    off = difference(whole(gray), cv2.resize(gray, (48, 48), interpolation=cv2.INTER_AREA))
    nearest = difference(whole(gray), cv2.resize(gray, (48, 48), interpolation=cv2.INTER_NEAREST))
    assert off.mean() < 0.4 * nearest.mean()


def test_fine_stripes_of_a_large_face_become_gray():
    gray = np.zeros((1001, 1001), np.uint8)
    gray[:, ::2] = 255
    assert difference(whole(gray), np.full((48, 48), 127)).max() <= 8


def test_a_tiny_face_is_enlarged_smoothly():
    gray = contrast(48, 48)
    tiny = cv2.resize(gray, (16, 16), interpolation=cv2.INTER_AREA)
    blocks = difference(cv2.resize(tiny, (48, 48), interpolation=cv2.INTER_NEAREST), gray)
    assert difference(whole(tiny), gray).mean() < 0.5 * blocks.mean()


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5])
@pytest.mark.parametrize("down", [-0.25, 0.0, 0.5])
def test_framing_scales_and_moves_the_square(scale, down):
    gray = contrast(400, 400)
    size = 80 * scale
    expected = crop(gray, (190 - size / 2, 200 + 80 * down - size / 2, size, size))
    framed = crop(gray, (150, 160, 80, 80), framing=Framing(scale, down))
    assert np.array_equal(framed, expected)


def test_the_side_of_a_box_is_the_root_of_its_area():
    gray = contrast(400, 400)
    assert np.array_equal(crop(gray, (100, 100, 50, 200), framing=Framing()), crop(gray, (75, 150, 100, 100)))


@pytest.mark.parametrize("tilt", [-45, -15, 30, 90, 170])
def test_a_tilted_face_is_turned_upright(tilt):
    gray = contrast(300, 300)
    # OpenCV's angles are counterclockwise on the screen, tilts clockwise.
    turn = cv2.getRotationMatrix2D((149.5, 149.5), -tilt, 1.0)
    turned = cv2.warpAffine(gray, turn, (300, 300), borderMode=cv2.BORDER_REPLICATE)
    upright = crop(gray, (110, 110, 80, 80), framing=Framing(1.1, 0.2))
    found = crop(turned, (110, 110, 80, 80), framing=Framing(1.1, 0.2), tilt=tilt)
    assert difference(found, upright).mean() < 1.5
    if abs(tilt) > 20:
        unturned = crop(turned, (110, 110, 80, 80), framing=Framing(1.1, 0.2))
        assert difference(unturned, upright).mean() > 15


@pytest.mark.parametrize("box", [(-20, -30, 60, 60), (85, 95, 60, 60), (30, -40, 60, 60)])
@pytest.mark.parametrize("tilt", [0, 25])
def test_the_border_of_the_image_is_repeated_outside(box, tilt):
    gray = noise(120, 130)
    padded = cv2.copyMakeBorder(gray, 200, 200, 200, 200, cv2.BORDER_REPLICATE)
    left, top, width, height = box
    expected = crop(padded, (left + 200, top + 200, width, height), tilt=tilt)
    assert difference(crop(gray, box, tilt=tilt), expected).max() <= 1


@pytest.mark.parametrize(
    ("box", "corner"),
    [((-900, -900, 50, 50), (0, 0)), ((400, 400, 9, 9), (-1, -1)), ((1e12, -1e12, 30, 30), (0, -1))],
)
def test_wholly_outside_is_the_nearest_pixel(box, corner):
    gray = noise(60, 70)
    assert (crop(gray, box) == gray[corner]).all()


def test_one_pixel_is_a_box_too():
    gray = np.zeros((9, 9), np.uint8)
    gray[4, 4] = 200
    found = crop(gray, (4, 4, 1, 1))
    assert found[23:25, 23:25].min() > 190
    assert found.min() > 40


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (1, 40_000), (2, 3)])
@pytest.mark.parametrize("tilt", [0, 33])
def test_extreme_image_shapes_can_be_cropped(shape, tilt):
    crop(noise(*shape), (0, 0, shape[1], shape[0]), tilt=tilt)
    assert (crop(np.full(shape, 77, np.uint8), (0, 0, shape[1], shape[0]), tilt=tilt) == 77).all()


def test_an_image_wider_than_opencv_warps_is_averaged():
    gray = np.tile((np.arange(40_000) // 157).astype(np.uint8), (50, 1))
    averaged = cv2.resize(gray, (48, 48), interpolation=cv2.INTER_AREA)
    assert difference(crop(gray, (0, 25 - 20_000, 40_000, 40_000)), averaged).max() <= 1


def test_a_small_face_far_right_in_a_wide_image_is_found():
    gray = noise(60, 40_000)
    assert np.array_equal(crop(gray, (39_900, 5, 48, 48)), gray[5:53, 39_900:39_948])


def test_a_box_larger_than_the_world_costs_no_more_than_its_samples():
    gray = contrast(300, 300)
    assert crop(gray, (-1e9, -1e9, 2e9, 2e9), framing=Framing(1.3)).shape == (48, 48)


def test_large_sides_are_made_too():
    gray = noise(2500, 2500)
    found = crop(gray, (0, 0, 2500, 2500), size=1024)
    averaged = cv2.resize(gray, (1024, 1024), interpolation=cv2.INTER_AREA)
    assert difference(cv2.blur(found, (9, 9)), cv2.blur(averaged, (9, 9))).max() <= 6


def test_the_image_is_not_modified():
    gray = noise(50, 50)
    before = gray.copy()
    crop(gray, (-5, -5, 80, 80), framing=Framing(), tilt=12)
    assert np.array_equal(gray, before)


def test_the_image_need_not_be_contiguous():
    gray = noise(100, 240)
    assert np.array_equal(whole(gray[::2, ::-3]), whole(np.ascontiguousarray(gray[::2, ::-3])))
