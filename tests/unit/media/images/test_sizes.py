"""How many pixels a picture has is known before it is decoded."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.media.images.sizes import UNKNOWN, pixels_of


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp", "tif"])
def test_files_and_bytes(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", (30, 20)).save(path)
    assert pixels_of(path) == pixels_of(str(path)) == pixels_of(path.read_bytes()) == 600


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
    monkeypatch.setattr(Path, "open", refuse)
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
