import os

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFile

from builders import png_bomb
from mien.drawing import write_annotated_image
from mien.media.origin import is_annotated, mark_video, read_origin, source_key
from video_builders import film, walk


@pytest.mark.parametrize("name", ["a.png", "a.JPG", "a.jpeg"])
def test_an_annotated_image_names_its_source(tmp_path, name):
    write_annotated_image(tmp_path / name, np.zeros((8, 8, 3), np.uint8), source_key("x.jpg"))
    assert read_origin(tmp_path / name) == source_key("x.jpg") != source_key("y.jpg")


def test_a_marked_video_can_still_be_read(tmp_path):
    path = film(tmp_path / "a.mp4", walk(3))
    assert not is_annotated(path)
    mark_video(path, source_key("x.mp4"))
    assert read_origin(path) == source_key("x.mp4")
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 3


def test_keys_do_not_depend_on_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert source_key(str(tmp_path / "a" / "1.jpg")) == source_key("a/1.jpg") == source_key("./a/1.jpg")
    assert source_key("\udcff.jpg") != source_key("a.jpg")


def test_pixels_are_not_decoded(tmp_path, monkeypatch):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded"))
    assert not is_annotated(tmp_path / "a.png")


def test_pipes_and_short_videos_are_not_annotated(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "a.mp4").write_bytes(b"free")
    assert not is_annotated(tmp_path / "a.jpg")
    assert not is_annotated(tmp_path / "a.mp4")


def test_a_damaged_image_of_too_many_pixels_is_not_annotated(tmp_path):
    (tmp_path / "a.png").write_bytes(png_bomb(60_000, 60_000))
    assert read_origin(tmp_path / "a.png") is None
