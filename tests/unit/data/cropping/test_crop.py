"""Crops of photographs and videos: what is written, how it continues, and what is never overwritten."""

import csv
import io

import numpy as np
import pytest
from PIL import Image

import mien
from builders import folder_of, zip_of
from mien.data.cropping import scenes
from mien.detection.provided.boxes import read_boxes
from mien.errors import DataError
from mien.media.video.source import Frame, VideoInfo
from photo_builders import LevelDetector, photo

PHOTOS = {
    "train/happy/1.png": photo((10, 10, 48, 150)),
    "train/happy/2.png": photo((10, 10, 24, 110), (50, 20, 48, 160)),
    "train/sad/3.png": photo(),
    "test/sad/4.jpg": b"no image",
}


@pytest.fixture
def crop(tmp_path):
    """Crops into `tmp_path / "crops"`; returns the counts and the notices."""

    def call(source, **options):
        notices = []
        detector = options.pop("detector", None) or LevelDetector()
        found = mien.crop_faces(
            source, tmp_path / "crops", size=48, detector=detector, notice=notices.append, **options
        )
        return found, notices

    return call


def rows(folder):
    return list(csv.DictReader(io.StringIO((folder / "crops.csv").read_text())))


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))


@pytest.mark.parametrize("write", [folder_of, zip_of])
def test_the_largest_faces_are_cropped_into_the_folders_of_the_source(tmp_path, crop, write):
    counts, notices = crop(write(tmp_path / "photos.zip", PHOTOS))
    assert files(tmp_path / "crops") == ["train/happy/1.png", "train/happy/2.png"]
    with Image.open(tmp_path / "crops" / "train/happy/2.png") as image:
        assert np.asarray(image).min() == 160
        assert image.size == (48, 48)
    assert str(counts) == "2 faces from 3 images, 1 without a face, 1 with several faces, 1 failed"
    assert len(notices) == 1
    assert "4.jpg: not an image" in notices[0]
    first, _, none = rows(tmp_path / "crops")
    assert (first["left"], first["box_width"], first["score"], first["file"]) == (
        "10.0", "48.0", "0.9000", "train/happy/1.png",
    )  # fmt: skip
    assert (none["left"], none["file"]) == ("", "")


def test_names_become_ones_that_all_systems_take(tmp_path, crop):
    source = zip_of(tmp_path / "photos.zip", {"train/so?/aux.12:30.png": photo((10, 10, 48, 150))})
    crop(source)
    assert files(tmp_path / "crops") == ["train/so_/aux_.12_30.png"]
    assert rows(tmp_path / "crops")[0]["file"] == "train/so_/aux_.12_30.png"


def test_all_faces_are_cropped_on_request(tmp_path, crop):
    counts, _ = crop(folder_of(tmp_path / "photos", PHOTOS), all_faces=True)
    assert counts.faces == 3
    assert files(tmp_path / "crops")[1:] == ["train/happy/2-2.png", "train/happy/2.png"]


def test_gray_photographs_give_gray_crops_and_others_rgb(tmp_path, crop):
    gray = np.zeros((90, 120), np.uint8)
    gray[10:58, 10:58] = 150
    buffer = io.BytesIO()
    Image.fromarray(gray).save(buffer, "PNG")
    crop(
        folder_of(
            tmp_path / "photos", {"gray.png": buffer.getvalue(), "rgb.png": PHOTOS["train/happy/1.png"]}
        )
    )
    for name, mode in (("gray.png", "L"), ("rgb.png", "RGB")):
        with Image.open(tmp_path / "crops" / name) as image:
            assert image.mode == mode


def test_the_same_call_continues(tmp_path, crop):
    source, folder = folder_of(tmp_path / "photos", PHOTOS), tmp_path / "crops"
    crop(source)
    complete, index = files(folder), (folder / "crops.csv").read_bytes()
    lines = index.splitlines(keepends=True)
    (folder / "crops.csv").write_bytes(lines[0] + lines[1] + lines[2][:20])  # ended within a row
    detector = LevelDetector()
    counts, _ = crop(source, detector=detector)
    assert (counts.skipped, counts.images, detector.images) == (1, 2, 2)
    assert (files(folder), (folder / "crops.csv").read_bytes()) == (complete, index)


def test_crops_are_replaced_on_request_only(tmp_path, crop):
    source, folder = folder_of(tmp_path / "photos", PHOTOS), tmp_path / "crops"
    crop(source)
    other = LevelDetector()
    other.name = "other"
    with pytest.raises(DataError, match=r"holds crops with detector levels, not other; .* pass force=True"):
        crop(source, detector=other)
    assert crop(source, detector=other, force=True)[0].faces == 2
    assert {row["detector"] for row in rows(folder)} == {"other"}


def test_files_of_others_are_not_overwritten(tmp_path, crop):
    source, folder = folder_of(tmp_path / "photos", PHOTOS), tmp_path / "crops"
    (folder / "train/happy").mkdir(parents=True)
    (folder / "train/happy/1.png").write_bytes(b"mine")
    with pytest.raises(DataError, match="holds 'train' and no crops"):
        crop(source, force=True)
    (folder / "train/happy/1.png").unlink()
    (folder / "train/happy").rmdir()
    (folder / "train").rmdir()
    crop(folder_of(tmp_path / "none", {"3.png": photo()}))
    (folder / "train/happy").mkdir(parents=True)
    (folder / "train/happy/1.png").write_bytes(b"mine")
    crop(source)
    assert (folder / "train/happy/1.png").read_bytes() == b"mine"
    assert "train/happy/1_2.png" in files(folder)


@pytest.mark.parametrize("inside", ["", "crops"])
def test_crops_in_their_source_are_an_error(tmp_path, inside):
    source = folder_of(tmp_path / "photos", PHOTOS)
    with pytest.raises(DataError, match="this is the source, or a folder in it"):
        mien.crop_faces(source, source / inside, detector=LevelDetector())


def test_frames_of_videos_are_cropped_at_an_interval(tmp_path, crop, monkeypatch):
    image = np.zeros((90, 120, 3), np.uint8)
    image[10:58, 10:58] = 150
    requested = []

    def read(path, *, every, notice):
        requested.append(every)
        return (Frame(number, number / 10, image) for number in range(0, 50, every))

    monkeypatch.setattr(scenes, "video_info", lambda path: VideoInfo(path, 10.0, 50, live=False))
    monkeypatch.setattr(scenes, "read_frames", read)
    source = folder_of(tmp_path / "videos", {"sad/talk.mp4": b""})
    counts, _ = crop(source, interval=2.0, max_frames=2)
    assert files(tmp_path / "crops") == ["sad/talk-f000000.png", "sad/talk-f000020.png"]
    counts, _ = crop(source, interval=2.0)
    assert (counts.frames, counts.skipped, requested) == (1, 2, [20, 20])
    assert [(row["frame"], row["time"]) for row in rows(tmp_path / "crops")][-1] == ("40", "4.0000")


def test_the_list_is_read_as_boxes_and_the_crops_as_a_data_set(tmp_path, crop):
    source = folder_of(tmp_path / "photos", PHOTOS)
    crop(source)
    boxes = read_boxes(tmp_path / "crops" / "crops.csv")
    assert [found.box for found in boxes.of(str(source / "train/happy/2.png"))] == [(50, 20, 48, 48)]
    assert boxes.of(str(source / "train/sad/3.png")) == []
    assert mien.read_faces(tmp_path / "crops", cache=False).ids.tolist() == [
        "train/happy/1.png",
        "train/happy/2.png",
    ]


@pytest.mark.parametrize("options", [{"every": 0}, {"interval": 0.0}, {"max_frames": 0}])
def test_options_out_of_range_are_named(tmp_path, crop, options):
    (name,) = options
    with pytest.raises(DataError, match=f"{name}="):
        crop(folder_of(tmp_path / "photos", PHOTOS), **options)


@pytest.mark.parametrize(("source", "dest"), [(None, "x"), ("photos", 3)])
def test_paths_of_other_types_are_an_error(source, dest):
    with pytest.raises(DataError, match="expected a path"):
        mien.crop_faces(source, dest, detector=LevelDetector())


def test_a_source_without_photographs_is_an_error(tmp_path, crop):
    with pytest.raises(DataError, match="neither images nor videos in it"):
        crop(folder_of(tmp_path / "photos", {"a.txt": b"x"}))
