import numpy as np
import pytest

from mien.errors import PictureError
from mien.predict.pictures.read import read_picture

COLOURS = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
GREY = COLOURS[:, :, 0]


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (COLOURS, COLOURS),
        (COLOURS[::-1, ::-1], COLOURS[::-1, ::-1]),
        (GREY, np.dstack([GREY] * 3)),
        (GREY[:, :, None], np.dstack([GREY] * 3)),
        (np.dstack([COLOURS, np.full_like(GREY, 255)]), COLOURS),
        (np.dstack([COLOURS, np.zeros_like(GREY)]), np.full_like(COLOURS, 255)),
        (COLOURS.astype(np.uint16) * 257, COLOURS),
        (COLOURS / 255, COLOURS),
        ((COLOURS / 255).astype(np.float32), COLOURS),
        (GREY > 12, np.dstack([np.uint8(255) * (GREY > 12)] * 3)),
    ],
)
def test_the_usual_arrays_are_taken(pixels, expected):
    got = read_picture(pixels)
    assert got.dtype == np.uint8
    assert got.flags.c_contiguous
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("channels", [3, 4])
def test_bgr_is_turned_around(channels):
    pixels = np.dstack([COLOURS[:, :, ::-1], np.full_like(GREY, 255)])[:, :, :channels]
    assert np.array_equal(read_picture(pixels, bgr=True), COLOURS)


def test_bgr_and_grey_is_grey():
    assert np.array_equal(read_picture(GREY, bgr=True), np.dstack([GREY] * 3))


def test_all_levels_of_16_bits_are_rounded():
    levels = np.arange(65536, dtype=np.uint16)[None]
    assert np.array_equal(read_picture(levels)[0, :, 0], np.rint(np.arange(65536) / 257))


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
    with pytest.raises(PictureError, match=f"the array: .*{words}"):
        read_picture(pixels)
