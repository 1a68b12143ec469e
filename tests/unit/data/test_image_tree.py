"""Folders, zips and tars of images: the same faces from each, and every way they can be wrong."""

import io
import os
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.data import image_tree, read_faces, read_source
from mien.errors import DataError
from mien.labels import EMOTIONS

Files = dict[str, bytes]


def png(value: int, shape: tuple[int, ...] = (48, 48)) -> bytes:
    return bytes(cv2.imencode(".png", np.full(shape, value, np.uint8))[1])


FILES: Files = {
    "train/happy/Training_1.png": png(10),
    "train/sad/Training_2.png": png(20, (96, 60)),
    "test/happy/PublicTest_3.png": png(30, (20, 20, 3)),
    "test/angry/PrivateTest_4.png": png(40),
}


def folder(root: Path, files: Files) -> Path:
    for name, content in files.items():
        path = root / "faces" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root / "faces"


def zipped(root: Path, files: Files) -> Path:
    with zipfile.ZipFile(root / "faces.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return root / "faces.zip"


def tarred(root: Path, files: Files, mode: str = "w:gz") -> Path:
    with tarfile.open(root / "faces.data", mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return root / "faces.data"


def plain_tar(root: Path, files: Files) -> Path:
    return tarred(root, files, "w")


WRITERS = [folder, zipped, tarred, plain_tar]
Writer = Callable[[Path, Files], Path]


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
    read = read_faces(write(tmp_path, {"zebra/1.png": png(1), "ape/2.png": png(2)}), side=16, cache=False)
    assert read.classes == ("ape", "zebra")
    assert read.labels.tolist() == [0, 1]
    assert read.images.shape == (2, 16, 16)


BAD_FILES = {
    "no image": (b"hello", "not an image that can be read"),
    "empty": (b"", "an empty file"),
    "damaged": (png(1)[:60], "can't be decoded"),
    "bomb": (png(1)[:16] + b"\0\1\0\0" * 2 + png(1)[24:], "an image of 65536x65536 pixels"),
}


@pytest.mark.parametrize("write", [folder, zipped, tarred])
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
    monkeypatch.setattr(image_tree, "MAX_BYTES", 1000)
    path = write(tmp_path, {**FILES, "train/sad/large.png": bytes(1001)})
    with pytest.raises(
        DataError, match=r"train/sad/large\.png: a file of 1001 bytes, expected .* at most 1000"
    ):
        read_faces(path, cache=False)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("files", [{}, {"readme.txt": b"no faces"}])
def test_no_images_is_an_error(tmp_path: Path, write: Writer, files: Files) -> None:
    (tmp_path / "faces").mkdir()
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


@pytest.mark.parametrize(
    ("link", "target", "problem"),
    [
        ("train/happy/link.png", "../../../outside.png", "a link out of the folder"),
        ("train/link", "../..", "a link out of the folder"),
        ("train/fear", "happy", "a link to a folder"),
        ("train/happy/link.png", "missing.png", "which does not exist"),
        ("train/happy/link.png", "link.png", "which does not exist|a link"),
    ],
)
def test_links_are_not_followed_out_of_a_folder(tmp_path: Path, link: str, target: str, problem: str) -> None:
    root = folder(tmp_path, FILES)
    (tmp_path / "outside.png").write_bytes(png(99))
    (root / link).symlink_to(target)
    with pytest.raises(DataError, match=f"{link}: .*{problem}"):
        read_faces(root, cache=False)
    assert len(read_faces(root, skip_bad=True, cache=False)) == 4


def test_a_link_to_a_file_of_the_folder_is_read(tmp_path: Path) -> None:
    root = folder(tmp_path, FILES)
    (root / "train/happy/link.png").symlink_to("Training_1.png")
    assert len(read_faces(root, cache=False)) == 5


def test_a_pipe_in_a_folder_is_no_image(tmp_path: Path) -> None:
    root = folder(tmp_path, FILES)
    os.mkfifo(root / "train/happy/pipe.png")
    with pytest.raises(DataError, match=r"pipe\.png: neither a file nor a folder"):
        read_faces(root)


@pytest.mark.parametrize("write", [zipped, tarred])
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/train/happy/x.png", "an absolute path"),
        ("C:/train/happy/x.png", "an absolute path"),
        ("../train/happy/x.png", "leads out of the archive"),
        ("train/../../happy/x.png", "leads out of the archive"),
        ("train/happy/Training_1.png", "a second file of the same name"),
        ("./train/happy/Training_1.png", "a second file of the same name"),
        ("train/happy/\x07.png", "unprintable"),
    ],
)
def test_names_that_are_not_to_be_trusted(tmp_path: Path, write: Writer, name: str, problem: str) -> None:
    path = write(tmp_path, FILES)
    mode = {"faces.zip": lambda: _append_to_zip(path, name), "faces.data": lambda: _append_to_tar(path, name)}
    mode[path.name]()
    with pytest.raises(DataError, match=problem):
        read_faces(path, cache=False)
    assert len(read_faces(path, skip_bad=True, cache=False)) == 4


def _append_to_zip(path: Path, name: str) -> None:
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, png(50))


def _append_to_tar(path: Path, name: str) -> None:
    with tarfile.open(path) as old:
        files = {info.name: old.extractfile(info).read() for info in old.getmembers()}
    with tarfile.open(path, "w:gz") as archive:
        for each, content in [*files.items(), (name, png(50))]:
            info = tarfile.TarInfo(each)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_tar_may_only_hold_files(tmp_path: Path, kind: bytes) -> None:
    path = plain_tar(tmp_path, FILES)
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("train/happy/link.png")
        info.type, info.linkname = kind, "train/happy/Training_1.png"
        archive.addfile(info)
    with pytest.raises(DataError, match=r"link\.png: a link or device"):
        read_faces(path, cache=False)


def test_a_zip_may_not_hold_links(tmp_path: Path) -> None:
    path = zipped(tmp_path, FILES)
    info = zipfile.ZipInfo("train/happy/link.png")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match=r"link\.png: a link"):
        read_faces(path, cache=False)


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path, FILES)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="the zip is encrypted"):
        read_faces(path, cache=False)


def test_a_zip_member_with_a_wrong_checksum_is_left_out(tmp_path: Path) -> None:
    path = zipped(tmp_path, FILES)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 16] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"Training_1\.png: can't be read \(Bad CRC"):
        read_faces(path, cache=False)
    assert len(read_faces(path, skip_bad=True, cache=False)) == 3


@pytest.mark.parametrize("write", [zipped, tarred, plain_tar])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_cut_archive_says_so(tmp_path: Path, write: Writer, kept: float) -> None:
    path = write(tmp_path, {f"happy/{number}.png": os.urandom(2000) for number in range(9)})
    content = path.read_bytes().rstrip(b"\0")  # a tar ends in padding
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError, match="damaged or cut off"):
        read_faces(path, skip_bad=True, cache=False)


def test_a_tar_with_a_damaged_header_says_so(tmp_path: Path) -> None:
    path = plain_tar(tmp_path, {"happy/1.png": png(1), "happy/2.png": png(2), "happy/3.png": png(3)})
    with tarfile.open(path) as archive:
        second = archive.getmember("happy/2.png").offset
    content = bytearray(path.read_bytes())
    content[second + 148] ^= 0xFF  # the header's checksum
    path.write_bytes(content)
    with pytest.raises(DataError, match="a damaged header amid its files"):
        read_faces(path, cache=False)


def test_a_tar_cut_between_two_files_says_so(tmp_path: Path) -> None:
    path = plain_tar(tmp_path, {"happy/1.png": png(1), "happy/2.png": png(2)})
    with tarfile.open(path) as archive:
        second = archive.getmember("happy/2.png").offset
    path.write_bytes(path.read_bytes()[:second])
    with pytest.raises(DataError, match="damaged or cut off"):
        read_faces(path, cache=False)
