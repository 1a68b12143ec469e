"""Zips and tars: names, links, checksums and cuts that are not to be trusted."""

import gzip
import io
import os
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Files, png, tar_of, zip_of
from mien.data import read_faces
from mien.errors import DataError

Writer = Callable[[Path, Files], Path]

FILES = {"train/happy/1.png": png(10), "train/sad/2.png": png(20), "test/angry/3.png": png(30)}


def plain_tar(path: Path, files: Files) -> Path:
    return tar_of(path, files, "w")


def append_to_zip(path: Path, name: str) -> None:
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, png(50))


def append_to_tar(path: Path, name: str) -> None:
    """Unpack and pack again: a compressed tar can't grow."""
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(content)
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(png(50))
        archive.addfile(info, io.BytesIO(png(50)))


@pytest.mark.parametrize("write", [zip_of, tar_of])
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/train/happy/x.png", "an absolute path"),
        ("C:/train/happy/x.png", "an absolute path"),
        ("../train/happy/x.png", "leads out of the archive"),
        ("train/../../happy/x.png", "leads out of the archive"),
        ("train/happy/1.png", "a second file of the same name"),
        ("./train/happy/1.png", "a second file of the same name"),
        ("train/happy/\x07.png", "unprintable"),
    ],
)
def test_names_that_are_not_to_be_trusted(tmp_path: Path, write: Writer, name: str, problem: str) -> None:
    path = write(tmp_path / "a", FILES)
    append_to_zip(path, name) if write is zip_of else append_to_tar(path, name)
    with pytest.raises(DataError, match=problem):
        read_faces(path, cache=False)
    assert len(read_faces(path, skip_bad=True, cache=False)) == 3


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_tar_may_only_hold_files(tmp_path: Path, kind: bytes) -> None:
    path = plain_tar(tmp_path / "a.tar", FILES)
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("train/happy/link.png")
        info.type, info.linkname = kind, "train/happy/1.png"
        archive.addfile(info)
    with pytest.raises(DataError, match=r"link\.png: a link or device"):
        read_faces(path, cache=False)


def test_a_zip_may_not_hold_links(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", FILES)
    info = zipfile.ZipInfo("train/happy/link.png")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match=r"link\.png: a link"):
        read_faces(path, cache=False)


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", FILES)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="the zip is encrypted"):
        read_faces(path, cache=False)


def test_a_zip_member_with_a_wrong_checksum_is_left_out(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", FILES)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 16] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"1\.png: can't be read \(Bad CRC"):
        read_faces(path, cache=False)
    assert len(read_faces(path, skip_bad=True, cache=False)) == 2


@pytest.mark.parametrize("write", [zip_of, tar_of, plain_tar])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_cut_archive_says_so(tmp_path: Path, write: Writer, kept: float) -> None:
    path = write(tmp_path / "a", {f"happy/{number}.png": os.urandom(2000) for number in range(9)})
    content = path.read_bytes().rstrip(b"\0")  # a tar ends in padding
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError, match="damaged or cut off"):
        read_faces(path, skip_bad=True, cache=False)


def test_a_tar_with_a_damaged_header_says_so(tmp_path: Path) -> None:
    path = plain_tar(
        tmp_path / "a.tar", {"happy/1.png": png(1), "happy/2.png": png(2), "happy/3.png": png(3)}
    )
    with tarfile.open(path) as archive:
        second = archive.getmember("happy/2.png").offset
    content = bytearray(path.read_bytes())
    content[second + 148] ^= 0xFF  # the header's checksum
    path.write_bytes(content)
    with pytest.raises(DataError, match="a damaged header between its files"):
        read_faces(path, cache=False)


def test_a_tar_cut_between_two_files_says_so(tmp_path: Path) -> None:
    path = plain_tar(tmp_path / "a.tar", {"happy/1.png": png(1), "happy/2.png": png(2)})
    with tarfile.open(path) as archive:
        second = archive.getmember("happy/2.png").offset
    path.write_bytes(path.read_bytes()[:second])
    with pytest.raises(DataError, match="damaged or cut off"):
        read_faces(path, cache=False)
