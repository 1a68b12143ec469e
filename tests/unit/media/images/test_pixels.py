import numpy as np
import pytest

from mien.errors import ImageError
from mien.media.images.reading import read_image

COLORS = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
GRAY = COLORS[:, :, 0]


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (COLORS, COLORS),
        (COLORS[::-1, ::-1], COLORS[::-1, ::-1]),
        (GRAY, np.dstack([GRAY] * 3)),
        (GRAY[:, :, None], np.dstack([GRAY] * 3)),
        (np.dstack([COLORS, np.full_like(GRAY, 255)]), COLORS),
        (np.dstack([COLORS, np.zeros_like(GRAY)]), np.full_like(COLORS, 255)),
        (COLORS.astype(np.uint16) * 257, COLORS),
        (COLORS / 255, COLORS),
        ((COLORS / 255).astype(np.float32), COLORS),
        (GRAY > 12, np.dstack([np.uint8(255) * (GRAY > 12)] * 3)),
    ],
)
def test_the_usual_arrays_are_taken(pixels, expected):
    got = read_image(pixels)
    assert got.dtype == np.uint8
    assert got.flags.c_contiguous
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("channels", [3, 4])
def test_bgr_is_turned_around(channels):
    pixels = np.dstack([COLORS[:, :, ::-1], np.full_like(GRAY, 255)])[:, :, :channels]
    assert np.array_equal(read_image(pixels, bgr=True), COLORS)


def test_bgr_and_gray_is_gray():
    assert np.array_equal(read_image(GRAY, bgr=True), np.dstack([GRAY] * 3))


def test_all_levels_of_16_bits_are_rounded():
    levels = np.arange(65536, dtype=np.uint16)[None]
    assert np.array_equal(read_image(levels)[0, :, 0], np.rint(np.arange(65536) / 257))


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.zeros((3, 8, 8), np.uint8), r"shape \(3, 8, 8\)"),
        (np.zeros((8, 8, 2), np.uint8), "shape"),
        (np.zeros(8, np.uint8), "shape"),
        (np.zeros((2, 8, 8, 3), np.uint8), "shape"),
        (np.zeros((0, 8, 3), np.uint8), r"shape \(0, 8, 3\)"),
        (np.zeros((8, 8), np.int64), "type int64"),
        (np.zeros((8, 8), np.complex64), "type complex64"),
        (np.full((8, 8), 200.0), "from 200 to 200"),
        (np.full((8, 8), -0.1), "from -0.1"),
        (np.full((8, 8), np.nan), "nan"),
    ],
)
def test_others_are_refused(pixels, words):
    with pytest.raises(ImageError, match=f"the array: .*{words}"):
        read_image(pixels)
