"""The label lists of RAF-DB, beside their images or in RAF-DB's folders."""

import pytest

from builders import folder_of, png, zip_of
from mien.data import read_faces, read_source
from mien.errors import DataError
from mien.labels import EMOTIONS

LIST = "train_00001.jpg 5\ntrain_00002.jpg 1\ntest_0001.jpg 7\n"
NAMES = ["train_00001", "train_00002", "test_0001"]


def images(folder, suffix):
    return {f"{folder}{name}{suffix}.jpg": png(10 + place) for place, name in enumerate(NAMES)}


def levels(faces):
    return faces.images[:, 0, 0].tolist()


LAYOUTS = {
    "beside the list": ("list.txt", images("", "")),
    "aligned beside the list": ("list.txt", images("", "_aligned")),
    "as distributed": ("basic/EmoLabel/list_patition_label.txt", images("basic/Image/aligned/", "_aligned")),
    "original": ("basic/EmoLabel/list_patition_label.txt", images("basic/Image/original/", "")),
}


@pytest.mark.parametrize(("name", "files"), LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("given", ["list", "folder", "zip"])
def test_a_list_is_read_with_its_images(tmp_path, name, files, given):
    files = {name: LIST.encode(), **files}
    folder = folder_of(tmp_path / "set", files)
    source = {"list": folder / name, "folder": folder, "zip": zip_of(tmp_path / "a.zip", files)}[given]
    read = read_faces(source)
    assert read.classes == EMOTIONS
    assert [read.classes[label] for label in read.labels] == ["sad", "surprise", "neutral"]
    assert [int(code) for code in read.splits] == [0, 0, 2]
    assert read.ids.tolist() == [f"{name}.jpg" for name in NAMES]
    assert levels(read) == [10, 11, 12]


def test_aligned_images_are_preferred(tmp_path):
    files = images("Image/original/", "") | {
        f"Image/aligned/{name}_aligned.jpg": png(90 + place) for place, name in enumerate(NAMES)
    }
    read = read_faces(folder_of(tmp_path, {"EmoLabel/list.txt": LIST.encode(), **files}))
    assert levels(read) == [90, 91, 92]


@pytest.mark.parametrize(
    "row", ["train_00003.jpg 8", "train_00003.jpg 0", "train_00003.jpg happy", "face.jpg 3"]
)
def test_a_bad_row_is_an_error_that_names_it(tmp_path, row):
    folder_of(tmp_path, {"list.txt": f"{LIST}{row}\n".encode(), **images("", "")})
    expected = r"list\.txt: row 4 \(line 4\): .* expected a row such as 'train_00001\.jpg 5', classes 1 to 7"
    with pytest.raises(DataError, match=expected):
        read_faces(tmp_path / "list.txt")
    reading = read_source(tmp_path / "list.txt", skip_bad=True)
    assert levels(reading.faces) == [10, 11, 12]
    assert len(reading.skipped) == 1


def test_a_missing_image_is_an_error_that_names_it(tmp_path):
    folder_of(tmp_path, {"list.txt": f"{LIST}test_0009.jpg 1\n".encode(), **images("", "")})
    with pytest.raises(DataError, match=r"row 4 \(line 4\): there is no file test_0009\.jpg"):
        read_faces(tmp_path / "list.txt")


def test_a_changed_image_is_read_again(tmp_path):
    folder_of(tmp_path, {"list.txt": LIST.encode(), **images("", "")})
    assert levels(read_faces(tmp_path / "list.txt")) == [10, 11, 12]
    (tmp_path / "train_00002.jpg").write_bytes(png(55))
    assert levels(read_faces(tmp_path / "list.txt")) == [10, 55, 12]
