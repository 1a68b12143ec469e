"""Manifests: CSV and TSV files that list images with labels, splits and boxes."""

import cv2
import numpy as np
import pytest

from builders import folder_of, png, png_bomb, tar_of, zip_of
from mien.data import read_faces, read_source
from mien.errors import DataError
from mien.labels import EMOTIONS

IMAGES = {f"images/{number}.png": png(10 * number) for number in range(1, 5)}
ROWS = [
    "images/1.png,happy,train",
    "images/2.png,sad,val",
    "images/3.png,happy,test",
    "images/4.png,angry,train",
]


def manifest(folder, *rows, header="path,label,split", name="faces.csv", files=IMAGES, end="\n"):
    folder_of(folder, files)
    (folder / name).write_text(end.join([header, *rows]) + end, encoding="utf-8")
    return folder / name


def levels(faces):
    return faces.images.reshape(len(faces), -1)[:, 0].tolist()


def test_a_manifest_is_read_in_its_order(tmp_path):
    read = read_faces(manifest(tmp_path, *ROWS))
    assert read.classes == EMOTIONS
    assert [read.classes[label] for label in read.labels] == ["happy", "sad", "happy", "angry"]
    assert read.splits.tolist() == [0, 1, 2, 0]
    assert read.ids.tolist() == [f"images/{number}.png" for number in range(1, 5)]
    assert levels(read) == [10, 20, 30, 40]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_tsv_other_orders_and_other_columns(tmp_path, end, bom):
    rows = ["7\tsad\timages/1.png\tx", "", '8\t"happy"\timages/2.png\ty']
    read = read_faces(
        manifest(tmp_path, *rows, header=f"{bom}age\tLabel\t Path\tnote", end=end, name="a.tsv")
    )
    assert levels(read) == [10, 20]
    assert [read.classes[label] for label in read.labels] == ["sad", "happy"]
    assert read.split_names() == ("train",)


def test_class_names_come_from_the_data(tmp_path):
    rows = ["images/1.png,zebra", "images/2.png,ape", "images/3.png,zebra"]
    read = read_faces(manifest(tmp_path, *rows, header="path,label"))
    assert read.classes == ("ape", "zebra")
    assert read.labels.tolist() == [1, 0, 1]


def test_numbers_as_classes_are_in_the_order_of_their_values(tmp_path):
    rows = ["images/1.png,10", "images/2.png,2", "images/3.png,0"]
    read = read_faces(manifest(tmp_path, *rows, header="path,label"))
    assert read.classes == ("0", "2", "10")


def quarters():
    """Gray levels 10 and 20 over 30 and 40, in quarters of 48 x 48 pixels."""
    return np.repeat(np.repeat(np.array([[10, 20], [30, 40]], np.uint8), 48, 0), 48, 1)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("path,label,box", ['a.png,x,"48,0,48,48"', 'a.png,y,"[0, 48, 48, 48]"', "b.png,x,"]),
        ("path,label,left,top,width,height", ["a.png,x,48,0,48,48", "a.png,y,0,48,48,48", "b.png,x,,,,"]),
        ("path,label,box", ["a.png,x,48 0 48 48", "a.png,y,0;48;48;48", "b.png,x,"]),
    ],
)
def test_boxes_are_cut_out(tmp_path, header, rows):
    files = {"a.png": bytes(cv2.imencode(".png", quarters())[1]), "b.png": png(99)}
    read = read_faces(manifest(tmp_path, *rows, header=header, files=files))
    assert [sorted(set(face.reshape(-1).tolist())) for face in read.images] == [[20], [30], [99]]
    assert read.ids.tolist() == ["a.png#1", "a.png#2", "b.png"]


@pytest.mark.parametrize("write", [zip_of, tar_of, folder_of])
def test_archives_and_folders_with_a_manifest(tmp_path, write):
    text = "\n".join(["path,label,split", *ROWS]).encode()
    files = {f"set/{name}": content for name, content in {"faces.csv": text, **IMAGES}.items()}
    assert levels(read_faces(write(tmp_path / "set.data", files))) == [10, 20, 30, 40]


def test_paths_on_disk_may_lead_anywhere(tmp_path):
    folder_of(tmp_path, {"elsewhere/a.png": png(5)})
    rows = ["../elsewhere/a.png,x", f"{tmp_path}/elsewhere/a.png,y"]
    assert levels(read_faces(manifest(tmp_path / "here", *rows, header="path,label"))) == [5, 5]


def test_paths_in_an_archive_stay_in_it(tmp_path):
    folder_of(tmp_path, {"a.png": png(5)})
    archive = zip_of(
        tmp_path / "a.zip", {"faces.csv": f"path,label\n{tmp_path}/a.png,x\n../a.png,x\n".encode()}
    )
    with pytest.raises(DataError, match=r"faces\.csv: row 1 \(line 2\): there is no file"):
        read_faces(archive)


def test_a_changed_image_is_read_again(tmp_path):
    path = manifest(tmp_path, *ROWS)
    assert levels(read_faces(path)) == levels(read_faces(path)) == [10, 20, 30, 40]
    (tmp_path / "images/2.png").write_bytes(png(77))
    assert levels(read_faces(path)) == [10, 77, 30, 40]


def test_color(tmp_path):
    image = np.zeros((64, 64, 3), np.uint8)
    image[:] = (30, 20, 10)
    files = {"a.png": bytes(cv2.imencode(".png", image)[1])}
    read = read_faces(manifest(tmp_path, "a.png,x", header="path,label", files=files), size=64, channels=3)
    assert read.images.shape == (1, 64, 64, 3)
    assert read.images[0, 5, 5].tolist() == [10, 20, 30]


BAD_ROWS = {
    "images/9.png,sad,train": r"there is no file images/9\.png \(paths are relative to the list\)",
    ",sad,train": "path is empty",
    "images/1.png,,train": "label is '', expected the name of a class",
    "images/1.png,sad,training2": "split is 'training2', expected train, validation or test",
    "images/1.png,sad,": "split is ''",
    "images/1.png,sad": "2 columns, expected 3 as in the header",
    "images/text.png,sad,train": r"images/text\.png: not an image that can be read",
    "images/bomb.png,sad,train": r"images/bomb\.png: an image of too many pixels",
}


@pytest.mark.parametrize(("row", "problem"), BAD_ROWS.items())
def test_a_bad_row_is_an_error_that_names_it(tmp_path, row, problem):
    files = {**IMAGES, "images/text.png": b"hello", "images/bomb.png": png_bomb(65536, 65536)}
    path = manifest(tmp_path, *ROWS[:2], row, *ROWS[2:], files=files)
    with pytest.raises(DataError, match=rf"faces\.csv: row 3 \(line 4\): .*{problem}"):
        read_faces(path)
    reading = read_source(path, skip_bad=True)
    assert levels(reading.faces) == [10, 20, 30, 40]
    assert [bad.where.split(":")[0] for bad in reading.skipped] == ["row 3 (line 4)"]


@pytest.mark.parametrize(
    "box", ["1,2,3", "a,b,c,d", "0,0,0,5", "0,0,5,-1", "0,0,inf,5", "nan,0,5,5", "90,90,9,9"]
)
def test_a_bad_box_is_an_error(tmp_path, box):
    path = manifest(tmp_path, f'images/1.png,x,"{box}"', header="path,label,box")
    with pytest.raises(DataError, match=r"row 1 \(line 2\): .*box .*expected left,top,width,height"):
        read_faces(path)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("path,label,spilt", "a column 'spilt'; did you mean 'split'"),
        ("path,label,label", "the column label is there twice"),
        ("path,label,left", "the column left without top, width, height"),
    ],
)
def test_bad_columns_are_an_error(tmp_path, header, problem):
    with pytest.raises(DataError, match=problem):
        read_faces(manifest(tmp_path, "images/1.png,x,train", header=header))


@pytest.mark.parametrize("rows", [[], ["", ""]])
def test_a_manifest_without_rows_is_an_error(tmp_path, rows):
    with pytest.raises(DataError, match="a list without rows"):
        read_faces(manifest(tmp_path, *rows))


def test_several_manifests_in_a_folder_are_an_error(tmp_path):
    manifest(tmp_path, *ROWS)
    manifest(tmp_path, *ROWS, name="more.csv")
    with pytest.raises(DataError, match=r"2 files like a manifest in it \(faces.csv, more.csv\); give one"):
        read_faces(tmp_path)


def test_text_that_is_not_utf8_is_an_error(tmp_path):
    path = manifest(tmp_path, *ROWS)
    path.write_bytes(path.read_bytes() + b"\xff\xfe,sad,train\n")
    with pytest.raises(DataError, match="not a CSV or TSV in UTF-8"):
        read_faces(path)
