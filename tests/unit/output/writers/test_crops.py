import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.detection.base import Framing
from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.recognition.face import Result
from result_builders import face, result


def written(folder, *some, resume=False):
    with open_writer("crops", folder, EMOTIONS, resume=resume) as writer:
        for one in some:
            writer.write(one)
    with (folder / "crops.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def striped():
    image = np.zeros((100, 200, 3), np.uint8)
    image[20:60, 10:40] = (255, 128, 0)
    return image


def test_each_face_is_an_image_in_its_size_and_color(tmp_path):
    one = Result("a/1.jpg", 200, 100, (face(box=(10, 20, 30, 40)), face("sad")), image=striped())
    rows = written(tmp_path / "out", one)
    assert [(row["source"], row["face"], row["label"], row["file"]) for row in rows] == [
        ("a/1.jpg", "1", "happy", "a/1-1.png"),
        ("a/1.jpg", "2", "sad", "a/1-2.png"),
    ]
    with Image.open(tmp_path / "out/a/1-1.png") as image:
        assert (image.size, image.getpixel((17, 17))) == ((35, 35), (255, 128, 0))


def test_crops_are_framed_as_the_faces_were_classified(tmp_path):
    one = Result("a.jpg", 200, 100, (face(box=(10, 20, 30, 30)),), image=striped(), framing=Framing(2.0))
    written(tmp_path, one)
    with Image.open(tmp_path / "a-1.png") as image:
        assert image.size == (60, 60)


def test_an_image_without_faces_has_a_row_without_a_file(tmp_path):
    (row,) = written(tmp_path, result("none.jpg"))
    assert (row["source"], row["file"], row["face"]) == ("none.jpg", "", "")


def test_frames_and_images_of_one_stem_have_different_files(tmp_path):
    some = [result(name, face(), image=True) for name in ("a.jpg", "a.png", "b/a.jpg")]
    some += [result("v.mp4", face(), image=True, frame=number) for number in (3, 4)]
    files = [row["file"] for row in written(tmp_path, *some)]
    assert files[:3] == ["a-1.png", "a_2-1.png", "b/a-1.png"]
    assert len({(tmp_path / name).read_bytes() and name for name in files}) == 5


def test_names_that_differ_in_case_only_are_one_where_the_file_exists(tmp_path, monkeypatch):
    """As on file systems of macOS and Windows, which this one is made to look like."""
    exists = Path.exists

    def exists_in_some_case(path):
        return exists(path) or any(path.name.lower() == other.name.lower() for other in path.parent.glob("*"))

    monkeypatch.setattr(Path, "exists", exists_in_some_case)
    rows = written(tmp_path, *(result(name, face(), image=True) for name in ("a.jpg", "A.jpg", "b.jpg")))
    assert [row["file"] for row in rows] == ["a-1.png", "A_2-1.png", "b-1.png"]


def test_a_folder_is_resumed(tmp_path):
    written(tmp_path, result("a.jpg", face(), image=True))
    rows = written(tmp_path, result("a.png", face(), image=True), resume=True)
    assert [row["file"] for row in rows] == ["a-1.png", "a_2-1.png"]
    assert list(open_writer("crops", tmp_path, EMOTIONS, resume=True).written) == ["a.jpg", "a.png"]


def test_a_new_run_replaces_the_crops(tmp_path):
    for _ in range(2):
        rows = written(tmp_path, result("a.jpg", face(), image=True))
    assert [row["file"] for row in rows] == ["a-1.png"]


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"")
    with pytest.raises(MienError, match="holds files that are not crops of mien"):
        open_writer("crops", tmp_path, EMOTIONS)
    with pytest.raises(MienError, match="crops need a folder"):
        open_writer("crops", None, EMOTIONS)


def test_a_csv_is_no_list_of_crops(tmp_path):
    with open_writer("csv", tmp_path / "crops.csv", EMOTIONS) as writer:
        writer.write(result("a.jpg", face()))
    with pytest.raises(MienError, match=r"not a list of crops as mien writes it"):
        open_writer("crops", tmp_path, EMOTIONS, resume=True)
