import os

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFile

from mien.media.origin import is_drawing, key_of, mark_film, origin_of
from mien.output.drawing import write_drawing
from video_builders import film, walk


@pytest.mark.parametrize("name", ["a.png", "a.JPG", "a.jpeg"])
def test_a_drawing_tells_what_it_was_drawn_from(tmp_path, name):
    write_drawing(tmp_path / name, np.zeros((8, 8, 3), np.uint8), key_of("x.jpg"))
    assert origin_of(tmp_path / name) == key_of("x.jpg") != key_of("y.jpg")


def test_a_film_that_is_marked_still_is_one(tmp_path):
    path = film(tmp_path / "a.mp4", walk(3))
    assert not is_drawing(path)
    mark_film(path, key_of("x.mp4"))
    assert origin_of(path) == key_of("x.mp4")
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 3


def test_keys_outlive_a_move_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert key_of(str(tmp_path / "a" / "1.jpg")) == key_of("a/1.jpg") == key_of("./a/1.jpg")
    assert key_of("\udcff.jpg") != key_of("a.jpg")


def test_pixels_are_not_decoded_to_tell(tmp_path, monkeypatch):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded"))
    assert not is_drawing(tmp_path / "a.png")


def test_pipes_and_short_films_are_no_drawings(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "a.mp4").write_bytes(b"free")
    assert not is_drawing(tmp_path / "a.jpg")
    assert not is_drawing(tmp_path / "a.mp4")
