"""Zips: which are data sets of faces, and the images in the others."""

import zipfile

import pytest

from builders import png, zip_of
from mien.errors import DataError
from mien.recognition.sources import archives
from mien.recognition.sources.archives import holds_images, images_in_zip
from mien.recognition.sources.items import Failure, ImageItem

PIXEL = png(200, (3, 4))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["a.png", "b.png"], True),
        (["holiday/a.png"], True),
        (["angry/a.png", "holiday/b.png"], True),
        (["angry/a.png", "b.png"], True),
        (["notes.txt"], True),
        ([], True),
        (["angry/a.png", "happy/b.jpg"], False),
        (["train/anger/a.png", "test/sadness/b.png", "readme.md", "__MACOSX/angry/._a.png"], False),
        ([".faces.csv", "holiday/a.png"], True),
    ],
)
def test_a_set_of_faces_is_a_csv_or_sorted_by_emotion(tmp_path, files, expected):
    assert holds_images(zip_of(tmp_path / "a.zip", dict.fromkeys(files, PIXEL))) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [("emotion,pixels,Usage", False), ("path,label", False), ("name,date", True), ("", True)],
)
def test_a_csv_beside_images_counts_if_its_columns_are_those_of_a_data_set(tmp_path, header, expected):
    files = {"list.csv": f"{header}\n".encode(), "holiday/a.png": PIXEL}
    assert holds_images(zip_of(tmp_path / "a.zip", files)) is expected


def test_what_is_no_zip_holds_no_images(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"emotion,pixels")
    assert holds_images(tmp_path / "a.zip") is False


def test_a_damaged_zip(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a.png": PIXEL})
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataError, match=r"a.zip: damaged or cut off"):
        holds_images(path)
    (failure,) = images_in_zip(path)
    assert failure.source == str(path)
    assert "damaged or cut off" in failure.message


def test_images_come_by_name_and_hidden_and_other_files_do_not(tmp_path):
    files = ["b/2.jpg", "a.PNG", "b/.c.jpg", "__MACOSX/d.jpg", "notes.txt"]
    path = zip_of(tmp_path / "a.zip", {name: name.encode() for name in files})
    found = list(images_in_zip(path))
    assert [(item.source, item.content) for item in found] == [
        (f"{path}#a.PNG", b"a.PNG"),
        (f"{path}#b/2.jpg", b"b/2.jpg"),
    ]


@pytest.mark.parametrize("files", [{}, {"notes.txt": b"x"}])
def test_a_zip_without_images_is_a_failure(tmp_path, files):
    path = zip_of(tmp_path / "a.zip", files)
    assert list(images_in_zip(path)) == [
        Failure(str(path), f"{path}: contains neither a data set of faces nor images")
    ]


def test_bad_members_are_failures(tmp_path, monkeypatch):
    path = zip_of(tmp_path / "a.zip", {"../out.png": PIXEL, "big.png": bytes(5000), "ok.png": PIXEL})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("wrong.png", b"these bytes")
    path.write_bytes(path.read_bytes().replace(b"these bytes", b"other bytes"))
    monkeypatch.setattr(archives, "MAX_STREAM_BYTES", 4000)
    found = {item.source.partition("#")[2]: item for item in images_in_zip(path)}
    assert isinstance(found["ok.png"], ImageItem)
    assert "out of the archive" in found["../out.png"].message
    assert "5000 bytes" in found["big.png"].message
    assert "can't be read" in found["wrong.png"].message


def test_an_archive_that_cannot_be_opened_is_a_data_error(tmp_path, monkeypatch):
    path = zip_of(tmp_path / "a.zip", {"1.png": PIXEL})

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(DataError, match="Permission denied"):
        holds_images(path)
