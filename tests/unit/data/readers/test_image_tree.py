"""Folders, zips and tars of images: the same faces from each, and every way they can be wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from builders import Files, folder_of, png, png_bomb, tar_of, zip_of
from mien.data import read_faces, read_source
from mien.data.readers import decoding
from mien.drawing import write_annotated_image
from mien.errors import DataError
from mien.labels import EMOTIONS

FILES: Files = {
    "train/happy/Training_1.png": png(10),
    "train/sad/Training_2.png": png(20, (96, 60)),
    "test/happy/PublicTest_3.png": png(30, (20, 20, 3)),
    "test/angry/PrivateTest_4.png": png(40),
}


def folder(root: Path, files: Files) -> Path:
    return folder_of(root / "faces", files)


def zipped(root: Path, files: Files) -> Path:
    return zip_of(root / "faces.data", files)


def tarred(root: Path, files: Files) -> Path:
    return tar_of(root / "faces.data", files)


Writer = Callable[[Path, Files], Path]
WRITERS: list[Writer] = [folder, zipped, tarred]


def levels(images: NDArray[np.uint8]) -> list[int]:
    assert (images == images[:, :1, :1]).all()
    return images[:, 0, 0].tolist()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("wrapping", ["", "archive/"])
def test_every_container_gives_the_same_faces(tmp_path: Path, write: Writer, wrapping: str) -> None:
    backwards = {wrapping + name: content for name, content in reversed(FILES.items())}
    read = read_faces(write(tmp_path, backwards), cache=False)
    assert read.ids.tolist() == sorted(backwards)
    assert levels(read.images) == [40, 30, 10, 20]
    assert [read.classes[label] for label in read.labels] == ["angry", "happy", "happy", "sad"]
    assert read.split_names() == ("train", "validation", "test")
    assert read.splits.tolist() == [2, 1, 0, 0]
    assert read.classes == EMOTIONS


@pytest.mark.parametrize("write", WRITERS)
def test_other_classes_are_sorted(tmp_path: Path, write: Writer) -> None:
    read = read_faces(write(tmp_path, {"zebra/1.png": png(1), "ape/2.png": png(2)}), size=16, cache=False)
    assert read.classes == ("ape", "zebra")
    assert read.labels.tolist() == [0, 1]
    assert read.images.shape == (2, 16, 16)


BAD_FILES = {
    "no image": (b"hello", "not an image that can be read"),
    "empty": (b"", "an empty file"),
    "damaged": (png(1)[:60], "damaged"),
    "bomb": (png_bomb(65536, 65536), "an image of too many pixels"),
}


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(("content", "problem"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_image_is_an_error_and_can_be_left_out(
    tmp_path: Path, write: Writer, content: bytes, problem: str
) -> None:
    path = write(tmp_path, {**FILES, "train/fear/bad.png": content})
    with pytest.raises(DataError, match=rf"{path}: train/fear/bad\.png: .*{problem}"):
        read_faces(path, cache=False)
    reading = read_source(path, skip_bad=True, cache=False)
    assert [bad.where for bad in reading.skipped] == ["train/fear/bad.png"]
    assert levels(reading.faces.images) == [40, 30, 10, 20]
    assert reading.rows is None


@pytest.mark.parametrize("write", WRITERS)
def test_a_large_file_is_not_read(tmp_path: Path, write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_FACE_BYTES", 1000)
    path = write(tmp_path, {**FILES, "train/sad/large.png": bytes(1001)})
    with pytest.raises(
        DataError, match=r"train/sad/large\.png: a file of 1001 bytes, expected .* at most 1000"
    ):
        read_faces(path, cache=False)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("files", [{}, {"readme.txt": b"no faces"}])
def test_no_images_is_an_error(tmp_path: Path, write: Writer, files: Files) -> None:
    with pytest.raises(DataError, match="no images in it"):
        read_faces(write(tmp_path, files), skip_bad=True, cache=False)


def test_mostly_bad_images_are_not_skipped(tmp_path: Path) -> None:
    files = {"happy/1.png": png(1), "happy/2.png": b"x", "happy/3.png": b"y"}
    with pytest.raises(DataError, match="2 of 3"):
        read_faces(folder(tmp_path, files), skip_bad=True, cache=False)


def test_many_images_in_many_batches(tmp_path: Path) -> None:
    files = {f"happy/{number:04d}.png": png(number % 256) for number in range(300)}
    files["happy/0200.png"] = b"bad"
    reading = read_source(zipped(tmp_path, files), skip_bad=True, cache=False)
    assert levels(reading.faces.images) == [number % 256 for number in range(300) if number != 200]


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_images_that_mien_annotated_are_no_faces(tmp_path, suffix):
    root = folder_of(tmp_path / "a", {"happy/1.png": png(1), "sad/2.png": png(2)})
    write_annotated_image(root / f"sad/3.{suffix}", np.zeros((48, 48, 3), np.uint8), "0" * 16)
    with pytest.raises(DataError, match=rf"sad/3\.{suffix}: an image that mien annotated, expected a face"):
        read_faces(root, cache=False)
