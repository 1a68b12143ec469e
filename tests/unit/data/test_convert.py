from dataclasses import replace

import cv2
import numpy as np
import pytest

from builders import faces, fer_csv
from mien.data import read_faces
from mien.data.convert import file_names, row_order, write_csv, write_faces, write_folder
from mien.errors import DataError
from mien.labels import EMOTIONS, SPLITS, UNLABELED


def paths_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def with_ids(*ids):
    return replace(faces(len(ids)), ids=np.array(ids))


def test_a_csv_is_written_as_kaggle_writes_it(tmp_path):
    some = faces(30)
    write_csv(some, tmp_path / "ours.csv")
    assert (tmp_path / "ours.csv").read_bytes() == fer_csv(tmp_path / "theirs.csv", some).read_bytes()


def test_a_folder_holds_one_lossless_image_per_face(tmp_path):
    some = faces(10)
    write_folder(some, tmp_path / "folder")
    paths = paths_in(tmp_path / "folder")
    assert len(paths) == 10
    assert "train/angry/Training_00000.png" in paths
    assert "validation/disgust/PublicTest_00008.png" in paths
    assert "test/fear/PrivateTest_00009.png" in paths
    image = cv2.imread(str(tmp_path / "folder/test/fear/PrivateTest_00009.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(image, some.images[9])


def test_csv_to_folder_to_csv_gives_the_same_file(tmp_path):
    rng = np.random.default_rng(1)
    mixed = faces(120).take(rng.permutation(120))
    first = fer_csv(tmp_path / "first.csv", mixed)
    write_faces(read_faces(first), tmp_path / "folder")
    write_faces(read_faces(tmp_path / "folder"), tmp_path / "second.csv")
    assert (tmp_path / "second.csv").read_bytes() == first.read_bytes()


def test_synthetic_faces_survive_the_round_trip(tmp_path):
    drawn = read_faces("synthetic:60")
    write_faces(drawn, tmp_path / "folder")
    write_faces(read_faces(tmp_path / "folder"), tmp_path / "drawn.csv")
    assert read_faces(tmp_path / "drawn.csv").fingerprint == drawn.fingerprint


def test_folder_to_folder_keeps_names_images_and_classes(tmp_path):
    some = faces(20, classes=("cat", "dog", "fox"))
    write_faces(some, tmp_path / "first")
    read = read_faces(tmp_path / "first")
    assert read.classes == some.classes
    write_faces(read, tmp_path / "second")
    assert paths_in(tmp_path / "second") == paths_in(tmp_path / "first")
    assert read_faces(tmp_path / "second").fingerprint == read.fingerprint


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["2", "10"], ["Training_02.png", "Training_10.png"]),
        (["synthetic-0", "synthetic-1"], ["Training_synthetic-0.png", "Training_synthetic-1.png"]),
        (["train/angry/Training_31.jpg", "Training_4.png"], ["Training_31.png", "Training_04.png"]),
        (["a/b c.jpeg", r"a\d:e.png"], ["Training_b_c.png", "Training_d_e.png"]),
        (["a/x.png", "b/X.png"], ["Training_0.png", "Training_1.png"]),
        (["a/.png", "b/x.png"], ["Training_0.png", "Training_1.png"]),
        (["v1.5", "v1.6"], ["Training_v1.5.png", "Training_v1.6.png"]),
    ],
)
def test_files_are_named_after_ids(ids, names):
    assert file_names(with_ids(*ids)) == names


@pytest.mark.parametrize(
    ("ids", "order"),
    [
        (["train/a/Training_03.png", "test/a/PrivateTest_01.png", "train/b/Training_02.png"], [1, 2, 0]),
        (["Training_x-03.png", "Training_x-01.png"], [1, 0]),
        (["Training_3.png", "Training_01.png"], [0, 1]),  # of two widths
        (["Training_y3.png", "Training_x1.png"], [0, 1]),  # of two prefixes
        (["Training_3.png", "PublicTest_3.png"], [0, 1]),  # one number twice
        (["b.png", "a.png"], [0, 1]),
        (["7", "5"], [0, 1]),
        ([], []),
    ],
)
def test_only_exported_names_are_row_numbers(ids, order):
    assert row_order(np.array(ids, dtype=np.str_)).tolist() == order


@pytest.mark.parametrize(
    ("change", "destination", "message"),
    [
        ({"classes": ("a", "b", "c", "d", "e", "f", "g")}, "x.csv", "has only angry, .*folder instead"),
        ({"classes": EMOTIONS[::-1]}, "x.csv", "has only"),
        (
            {"images": np.zeros((14, 64, 64), np.uint8)},
            "x.csv",
            "64 pixels with 1 channel, but fer2013.csv has 48 and 1",
        ),
        ({"labels": np.array([UNLABELED] * 3 + [1] * 11)}, "x.csv", "no label for 3 of 14 faces"),
        ({"labels": np.array([UNLABELED] * 3 + [1] * 11)}, "folder", "no label for 3 of 14 faces"),
        ({"classes": ("..", "b", "c", "d", "e", "f", "g")}, "folder", r"'\.\.' is no valid folder name"),
        ({"classes": ("a/b", "b", "c", "d", "e", "f", "g")}, "folder", "'a/b' is no valid folder name"),
        ({"classes": ("aux", "b", "c", "d", "e", "f", "g")}, "folder", "the name of a device on Windows"),
        ({}, "x.zip", "not a folder"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(tmp_path, change, destination, message):
    with pytest.raises(DataError, match=message):
        write_faces(replace(faces(14), **change), tmp_path / destination)
    assert paths_in(tmp_path) == []


@pytest.mark.parametrize("destination", ["x.csv", "folder"])
def test_what_is_there_is_replaced_only_by_force(tmp_path, destination):
    path = tmp_path / destination
    write_faces(faces(30), path)
    with pytest.raises(DataError, match=f"{destination}: .*exists already; pass force=True to replace it"):
        write_faces(faces(10), path)
    assert len(read_faces(path)) == 30
    write_faces(faces(10), path, force=True)
    assert len(read_faces(path)) == 10


def test_force_replaces_no_folder_that_holds_anything_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match=r"contains 'thesis.txt'"):
        write_faces(faces(10), tmp_path, force=True)
    assert paths_in(tmp_path) == ["thesis.txt"]


def test_a_folder_and_a_file_do_not_replace_each_other(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="not a folder"):
        write_faces(faces(10), tmp_path / "file", force=True)
    with pytest.raises(DataError, match="this is a folder"):
        write_faces(faces(10), tmp_path / "folder.csv", force=True)


def test_an_empty_folder_is_free_to_use(tmp_path):
    write_faces(faces(10), tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == set(SPLITS)


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(image):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mien.data.convert.encode_png", full)
    with pytest.raises(Exception, match="No space left"):
        write_folder(faces(10), tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []


def test_color_faces_survive_the_round_trip_through_a_folder(tmp_path):
    drawn = read_faces("synthetic:30", size=64, channels=3)
    write_faces(drawn, tmp_path / "folder")
    read = read_faces(tmp_path / "folder", size=64, channels=3)
    order = np.argsort([name.rpartition("_")[2] for name in read.ids])
    assert read.take(order).fingerprint == drawn.fingerprint


def test_color_faces_are_no_csv(tmp_path):
    with pytest.raises(DataError, match=r"48 pixels with 3 channels, but fer2013\.csv has 48 and 1"):
        write_csv(faces(7, channels=3), tmp_path / "a.csv")
