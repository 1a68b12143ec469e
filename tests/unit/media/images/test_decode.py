"""One image to one face: sizes, colors, depths, transparency, orientation, and what is refused."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.errors import DataError
from mien.media.images.decode import MAX_PIXELS, decode_face, resized

RAMP = np.add.outer(np.arange(48), 3 * np.arange(48)).astype(np.uint8)
EXACT = [".png", ".bmp", ".pgm", ".tiff"]


def encoded(image: NDArray[np.generic], suffix: str) -> bytes:
    return bytes(cv2.imencode(suffix, image)[1])


def upright_below(orientation: int, jpeg: bytes) -> bytes:
    """Put an EXIF segment with an orientation into a JPEG."""
    entry = b"\x12\x01\x03\0\x01\0\0\0" + bytes([orientation, 0, 0, 0])
    tiff = b"II*\0\x08\0\0\0\x01\0" + entry + bytes(4)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + jpeg[2:]


@pytest.mark.parametrize("suffix", EXACT)
def test_a_gray_image_of_the_right_side_is_left_alone(suffix: str) -> None:
    assert (decode_face(encoded(RAMP, suffix), 48) == RAMP).all()


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_lossy_images_come_close(suffix: str) -> None:
    smooth = resized(np.array([[0, 90], [160, 255]], np.uint8), 48)
    assert np.abs(decode_face(encoded(smooth, suffix), 48).astype(int) - smooth).mean() < 3


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_are_scaled(suffix: str) -> None:
    assert (decode_face(encoded(RAMP.astype(np.uint16) * 257, suffix), 48) == RAMP).all()


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".ppm", ".tiff"])
def test_colors_become_their_luminance(suffix: str) -> None:
    color = np.zeros((48, 48, 3), np.uint8)
    color[:] = (200, 100, 50)  # blue, green, red
    assert (
        np.abs(decode_face(encoded(color, suffix), 48) - round(0.114 * 200 + 0.587 * 100 + 0.299 * 50)).max()
        <= 1
    )


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_what_is_transparent_is_white(kind: type) -> None:
    full = np.iinfo(kind).max
    image = np.zeros((48, 48, 4), kind)
    image[:24, :, 3] = full
    face = decode_face(encoded(image, ".png"), 48)
    assert (face[:24] == 0).all()
    assert (face[24:] == 255).all()


def test_exif_orientation_turns_the_image_upright() -> None:
    image = np.zeros((48, 48), np.uint8)
    image[:, 24:] = 255
    face = decode_face(upright_below(6, encoded(image, ".jpg")), 48)  # 6: turn a quarter clockwise
    assert face[:20].mean() < 5
    assert face[28:].mean() > 250


def test_shrinking_averages_areas_whatever_the_proportions() -> None:
    rng = np.random.default_rng(1)
    big = rng.integers(0, 256, (96, 144), dtype=np.uint8)
    means = big.reshape(48, 2, 48, 3).mean((1, 3))
    assert np.abs(decode_face(encoded(big, ".png"), 48) - means).max() <= 0.5


@pytest.mark.parametrize("shape", [(1, 1), (12, 12), (7, 300), (300, 7)])
def test_any_size_becomes_a_face(shape: tuple[int, int]) -> None:
    face = decode_face(encoded(np.full(shape, 99, np.uint8), ".png"), 48)
    assert face.shape == (48, 48)
    assert (face == 99).all()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than there is."""
    return (
        encoded(RAMP, ".png")[:16]
        + width.to_bytes(4, "big")
        + height.to_bytes(4, "big")
        + b"\x08\0\0\0\0" * 9
    )


REFUSED = {
    "empty": (b"", "an empty file"),
    "text": (b"hello", "not an image that can be read"),
    "magic only": (b"\x89PNG\r\n\x1a\n", "not an image that can be read"),
    "jpeg magic only": (b"\xff\xd8\xff", "not an image that can be read"),
    "huge": (bomb(100_000, 100_000), "an image of 100000x100000 pixels"),
    "just too large": (bomb(MAX_PIXELS + 1, 1), f"an image of {MAX_PIXELS + 1}x1 pixels"),
    "no pixels": (bomb(0, 48), "an image of 0x48 pixels"),
    "damaged": (encoded(RAMP, ".png")[:40] + b"\0" * 60, "can't be decoded"),
    "cut jpeg": (encoded(RAMP, ".jpg")[:-50], "can't be decoded"),
    "cut png": (encoded(RAMP, ".png")[:-50], "can't be decoded"),
    "cut webp": (encoded(RAMP, ".webp")[:-9], "can't be decoded"),
    "cut bmp": (encoded(RAMP, ".bmp")[:-50], "can't be decoded"),
    "cut tiff": (encoded(RAMP, ".tiff")[:-50], "can't be decoded|not an image"),
}


@pytest.mark.parametrize(("content", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_image_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        decode_face(content, 48)
