"""The size of an image is known before it is decoded."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mien.media.images import sizes
from mien.media.images.sizes import UNKNOWN, declared_size, pixels_of

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


@pytest.mark.parametrize(
    ("suffix", "pixels"),
    [("png", 600), ("jpg", 600), ("bmp", 600), ("gif", 342), ("webp", 1371), ("tif", 685), ("avif", 1714)],
)
def test_files_and_bytes(tmp_path, suffix, pixels):
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", (30, 20)).save(path)
    assert pixels_of(path) == pixels_of(str(path)) == pixels_of(path.read_bytes()) == pixels


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp", "tif", "ppm", "avif", "jp2"])
@pytest.mark.parametrize("size", [(1, 1), (47, 31), (1000, 257)])
def test_the_header_declares_the_size(tmp_path, suffix, size):
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", size).save(path)
    assert declared_size(path) == declared_size(path.read_bytes()) == size


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"BM" + bytes(8) + b"\x1a\0\0\0\x0c\0\0\0" + b"\x05\0\x07\0\1\0\x18\0" + bytes(200), (5, 7)),  # OS/2
        (b"P5\n# a comment\n12 34\n255\n", (12, 34)),
    ],
)  # fmt: skip
def test_unusual_headers(content, expected):
    assert declared_size(content) == expected


@given(st.sampled_from(MAGICS), st.binary(max_size=60))
def test_a_malformed_header_is_no_error(magic, rest):
    size = declared_size(magic + rest)
    assert size is None or min(size) >= 0


def test_the_declared_size_of_other_files_is_unknown():
    assert declared_size(b"") is None
    assert declared_size(b"emotion,pixels,Usage") is None


def test_pixels(tmp_path):
    assert pixels_of(np.zeros((20, 30, 3), np.uint8)) == 600
    assert pixels_of(Image.new("L", (30, 20))) == 600


def test_what_does_not_tell_counts_as_large(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"nonsense")
    assert pixels_of(tmp_path / "a.jpg") == pixels_of(b"") == UNKNOWN


def test_a_file_that_cannot_be_opened_costs_nothing(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.jpg").write_bytes(b"x")
    monkeypatch.setattr(sizes, "BoundedReader", refuse)
    assert pixels_of(tmp_path / "a.jpg") == 0


@pytest.mark.parametrize("name", ["gone.jpg", "a\0b.jpg", ""])
def test_no_file_at_all_is_no_error_yet(name):
    assert pixels_of(name) == UNKNOWN


def test_a_pipe_is_not_read():
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(b"GIF89a")
        assert pixels_of(f"/dev/fd/{reader}") == UNKNOWN
        assert stream.read() == b"GIF89a"
