"""Data sets of photographs: faces are detected once, cached, and what has none or several is reported."""

from dataclasses import asdict

import numpy as np
import pytest

from builders import faces, fer_csv, folder_of, zip_of
from mien.data import read_faces, read_source
from mien.data.face_detector import digest_of
from mien.detection.base import Framing
from mien.errors import DataError
from photo_builders import LevelDetector, photo

PHOTOS = {
    "train/happy/1.png": photo((10, 10, 48, 150)),
    "train/happy/2.png": photo((10, 10, 24, 110), (50, 20, 48, 160)),
    "train/sad/3.png": photo(),
    "test/sad/4.png": photo((40, 30, 48, 170)),
}


@pytest.mark.parametrize("write", [folder_of, zip_of])
def test_the_largest_face_of_each_photograph_is_read_and_the_others_are_reported(tmp_path, write):
    path = write(tmp_path / "photos", PHOTOS)
    reading = read_source(path, faces="detect", detector=LevelDetector(), cache=False)
    assert reading.faces.ids.tolist() == ["test/sad/4.png", "train/happy/1.png", "train/happy/2.png"]
    assert [image.min() for image in reading.faces.images] == [170, 150, 160]
    assert reading.images.without_face == ["train/sad/3.png"]
    assert reading.images.several_faces == ["train/happy/2.png"]
    assert reading.skipped == ()
    assert reading.notes[0].startswith(
        f"{path}: 3 faces detected by levels in 4 images; 1 without a face left out"
    )


def test_crops_are_cached_by_the_detector_with_what_was_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    path = folder_of(tmp_path / "photos", PHOTOS)
    first, second, other = LevelDetector(), LevelDetector(), LevelDetector()
    other.version = "2"
    found = read_source(path, faces="detect", detector=first)
    again = read_source(path, faces="detect", detector=second)
    assert (first.images, second.images) == (4, 0)
    assert (again.notes, asdict(again.images)) == (found.notes, asdict(found.images))
    assert np.array_equal(again.faces.images, found.faces.images)
    read_source(path, faces="detect", detector=other)
    assert other.images == 4
    assert len(read_faces(path)) == 4


def test_the_digest_of_a_detector_is_that_of_what_decides_its_crops():
    class Wide(LevelDetector):
        framing = Framing(2.0)

    newer = LevelDetector()
    newer.version = "2"
    assert digest_of(None) == ""
    assert digest_of(LevelDetector()) == digest_of(LevelDetector())
    assert len({digest_of(one) for one in (LevelDetector(), Wide(), newer)}) == 3


def test_no_face_in_any_photograph_is_an_error(tmp_path):
    path = folder_of(tmp_path / "photos", {"happy/1.png": photo(), "sad/2.png": photo()})
    with pytest.raises(DataError, match=r"levels detected no face in any of 2 images; pass faces=whole"):
        read_faces(path, faces="detect", detector=LevelDetector(), cache=False)


@pytest.mark.parametrize("source", ["csv", "synthetic:8"])
def test_rows_of_pixels_and_synthetic_faces_are_cropped_already(tmp_path, source):
    path = fer_csv(tmp_path / "fer2013.csv", faces(8)) if source == "csv" else source
    detector = LevelDetector()
    found = read_source(path, faces="detect", detector=detector, cache=False)
    assert (len(found.faces), found.notes, detector.images) == (8, (), 0)


def test_other_words_than_whole_and_detect_are_an_error(tmp_path):
    with pytest.raises(DataError, match=r"faces='crop', expected whole .* or detect"):
        read_faces("synthetic:8", faces="crop")


def test_scenes_that_are_read_as_faces_are_named(tmp_path):
    path = folder_of(tmp_path / "photos", {"happy/1.png": photo(size=(500, 500)), "sad/2.png": photo()})
    assert "1 of 2 images look like whole scenes" in read_source(path, cache=False).notes[0]
