"""Directories of zips that are too large, and files that share their bytes."""

import struct
import zipfile
from pathlib import Path

import pytest

from builders import png, zip_of
from mien.errors import DataError
from mien.media.archives import zip_directory
from mien.media.archives.compressed import ZIP
from mien.media.archives.members import named_damage
from mien.media.archives.zip_directory import check_directory

FILES = {f"happy/{number}.png": png(number) for number in range(3)}


def test_a_usual_directory_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "a.zip", FILES)
    monkeypatch.setattr(zip_directory, "MAX_MEMBERS", 3)
    check_directory(path)
    monkeypatch.setattr(zip_directory, "MAX_MEMBERS", 2)
    with pytest.raises(zipfile.BadZipFile, match="3 files in it, expected 2"):
        check_directory(path)


def test_a_large_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "a.zip", FILES)
    monkeypatch.setattr(zip_directory, "MAX_DIRECTORY_BYTES", 10)
    with (
        pytest.raises(DataError, match=r"a\.zip: damaged .*directory"),
        named_damage(path),
        ZIP.members(path),
    ):
        pass


def test_the_directory_of_a_zip_of_64_bits_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "a.zip", FILES)
    content = path.read_bytes()
    end = content.rindex(b"PK\5\6")
    size, start = struct.unpack_from("<2L", content, end + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    tail = content[end : end + 8] + b"\xff" * 12 + content[end + 20 :]
    path.write_bytes(content[:end] + record + locator + tail)
    with ZIP.members(path) as members:
        assert len(members) == 3
    monkeypatch.setattr(zip_directory, "MAX_MEMBERS", 2)
    with pytest.raises(zipfile.BadZipFile, match="3 files"):
        check_directory(path)


def test_files_that_overlap_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", FILES)
    content = bytearray(path.read_bytes())
    entries = [at for at in range(len(content)) if content[at : at + 4] == b"PK\1\2"]
    content[entries[1] + 42 : entries[1] + 46] = content[entries[0] + 42 : entries[0] + 46]
    path.write_bytes(content)
    with pytest.raises(DataError, match="overlap"), named_damage(path), ZIP.members(path):
        pass


def test_a_file_that_unpacks_to_too_much_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zip_of(tmp_path / "a.zip", {"a.csv": bytes(100_000)})
    monkeypatch.setattr("mien.media.archives.compressed.streamed_limit", lambda size: 50_000)
    with ZIP.members(path) as (member,):
        assert "unpack to 100000" in member.problem
