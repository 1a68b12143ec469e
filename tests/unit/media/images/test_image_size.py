"""The size in a header against the size of the decoded image."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.media.images.image_size import image_size

SUFFIXES = [".jpg", ".png", ".bmp", ".webp", ".pgm", ".ppm", ".tiff"]
SHAPES = [(1, 1), (48, 48), (31, 47), (300, 20), (257, 1000)]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("height", "width"), SHAPES)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_header_tells_the_size(suffix: str, height: int, width: int, channels: int) -> None:
    channels = {".pgm": 1, ".ppm": 3}.get(suffix, channels)
    image = np.full((height, width, channels), 77, np.uint8)
    assert image_size(bytes(cv2.imencode(suffix, image)[1])) == (width, height)


@pytest.mark.parametrize("options", [[cv2.IMWRITE_WEBP_QUALITY, 101], [cv2.IMWRITE_WEBP_QUALITY, 50]])
def test_webp_without_loss_and_with_transparency(options: list[int]) -> None:
    image = np.full((31, 47, 4), 77, np.uint8)
    assert image_size(bytes(cv2.imencode(".webp", image, options)[1])) == (47, 31)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"GIF89a" + bytes([0x2F, 1, 0x30, 0]), (303, 48)),
        (b"BM" + bytes(12) + b"\x0c\0\0\0" + b"\x05\0\x07\0", (5, 7)),  # the header of OS/2
        (b"BM" + bytes(12) + b"\x28\0\0\0\x05\0\0\0\xf9\xff\xff\xff", (5, 7)),  # stored from the top: -7 rows
        (b"P5\n# a comment\n12 34\n255\n", (12, 34)),
        (b"MM\0*\0\0\0\x08\0\x02\x01\0\0\x03\0\0\0\x01\0\x05\0\0\x01\x01\0\x04\0\0\0\x01\0\0\0\x07", (5, 7)),
    ],
)  # fmt: skip
def test_headers_that_opencv_does_not_write(content: bytes, expected: tuple[int, int]) -> None:
    assert image_size(content) == expected


MAGICS = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF1234WEBPVP8X",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"BM",
    b"P5 ",
]


@settings(deadline=None)
@given(st.sampled_from(MAGICS), st.binary(max_size=60))
def test_no_header_is_too_broken_to_look_at(magic: bytes, rest: bytes) -> None:
    size = image_size(magic + rest)
    assert size is None or min(size) >= 0


def test_what_is_no_image_has_no_size() -> None:
    assert image_size(b"") is None
    assert image_size(b"emotion,pixels,Usage") is None
