from pathlib import PurePath

import numpy as np
import pytest
from PIL import Image

from mien.drawing import write_annotated_image
from mien.media.origin import source_key
from mien.output.writers.output_paths import OutputPaths

NAME = PurePath("1.png")


def draw(path, source):
    write_annotated_image(path, np.zeros((8, 8, 3), np.uint8), source_key(source))


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({}, "1.png"),
        ({"1.png": "1.jpg"}, "1.png"),
        ({"1.png": "other.jpg"}, "1-2.png"),
        ({"1.png": "other.jpg", "1-2.png": "1.jpg"}, "1-2.png"),
        ({"1.png": None}, "1.annotated.png"),
        ({"1.png": None, "1.annotated.png": "1.jpg"}, "1.annotated.png"),
        ({"1.png": None, "1.annotated.png": None}, "1.annotated-2.png"),
    ],
)
def test_only_an_annotated_image_of_the_same_source_is_replaced(tmp_path, there, expected):
    for name, source in there.items():
        if source is None:
            Image.new("RGB", (8, 8)).save(tmp_path / name)
        else:
            draw(tmp_path / name, source)
    assert OutputPaths(tmp_path).path_for("1.jpg", NAME) == tmp_path / expected


def test_inputs_are_protected_even_if_annotated(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "1.png")
    draw(tmp_path / "1.annotated.png", "1.jpg")
    (tmp_path / "link").symlink_to(tmp_path)
    protected = {(tmp_path / "1.annotated.png").resolve()}
    place = OutputPaths(tmp_path / "link", protected).path_for("1.jpg", NAME)
    assert place == tmp_path / "link" / "1.annotated-2.png"
