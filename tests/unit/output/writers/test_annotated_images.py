from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.media.images.reading import read_image
from mien.output.writers.annotated_images import AnnotatedImageWriter, annotated_path
from mien.output.writers.output_paths import OutputPaths
from mien.output.writers.source_names import SourceNames
from result_builders import face, result


def draw(folder, *some):
    with AnnotatedImageWriter(OutputPaths(folder)) as writer:
        for one in some:
            writer.write(one)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def drawn(source, label="happy"):
    return result(source, face(label, box=(100, 80, 60, 60)), image=True)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a/1.jpg", "a/1.jpg"),
        ("b.PNG", "b.PNG"),
        ("b.gif", "b.gif.png"),
        ("no suffix", "no suffix.png"),
        ("../../x/1.jpg", "1.jpg"),
        ("faces.csv#12", "faces.csv#12.png"),
        ("faces.zip#train/happy/1.jpg", "faces.zip#train/happy/1.jpg"),
        (".", "image.png"),
    ],
)
def test_an_image_keeps_its_name_and_gets_the_ending_of_an_image(source, expected):
    assert str(annotated_path(result(source), SourceNames())) == expected


def test_frames_are_numbered():
    path = annotated_path(result("a.mp4", frame=12, time=0.5), SourceNames())
    assert str(path) == "a.mp4-000012.png"


def test_images_of_the_same_name_are_kept_apart(tmp_path):
    names = draw(tmp_path / "out", drawn("a/1.jpg"), drawn("b/1.jpg"), drawn("1.gif"), drawn("1.png"))
    assert names == ["1.gif.png", "1.png", "a/1.jpg", "b/1.jpg"]
    image = read_image(tmp_path / "out" / "a" / "1.jpg").astype(int)
    assert image.shape == (240, 320, 3)
    assert np.abs(image - 128).max() > 60


def test_annotated_images_of_an_earlier_run_are_replaced(tmp_path):
    draw(tmp_path, drawn("1.png", "happy"))
    before = (tmp_path / "1.png").read_bytes()
    assert draw(tmp_path, drawn("1.png", "sad")) == ["1.png"]
    assert (tmp_path / "1.png").read_bytes() != before


@pytest.mark.parametrize("content", ["picture", "text"])
def test_other_files_are_never_replaced(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    if content == "picture":
        Image.new("RGB", (8, 8)).save("1.jpg")
    else:
        Path("1.jpg").write_text("hello")
    before = Path("1.jpg").read_bytes()
    for _ in range(2):
        assert draw(Path(), drawn("1.jpg")) == ["1.annotated.jpg", "1.jpg"]
    assert Path("1.jpg").read_bytes() == before
    Path("1.annotated.jpg").write_text("mine, too")
    assert draw(Path(), drawn("1.jpg")) == ["1.annotated-2.jpg", "1.annotated.jpg", "1.jpg"]
    assert Path("1.annotated.jpg").read_text() == "mine, too"


@pytest.mark.parametrize("order", [1, -1])
def test_sources_with_the_same_output_name_are_kept_apart(tmp_path, order):
    sources = ['a"b.jpg', "a_b.jpg"][::order]
    assert draw(tmp_path, *map(drawn, sources)) == ["a_b-2.jpg", "a_b.jpg"]
    before = (tmp_path / "a_b.jpg").read_bytes()
    assert draw(tmp_path, drawn(sources[1], "sad")) == ["a_b-2.jpg", "a_b.jpg"]
    assert (tmp_path / "a_b.jpg").read_bytes() == before


def test_the_image_is_required(tmp_path):
    with pytest.raises(ValueError, match="image"):
        draw(tmp_path, result("a.jpg"))
