import struct
import zipfile
from pathlib import Path

import pytest

from builders import png, zip_of
from mien.errors import DataError
from mien.limits import MAX_DICTIONARY
from mien.media.archives import zip_entries
from mien.media.archives.compressed import ZIP
from mien.media.archives.members import named_damage
from mien.media.archives.zip_entries import entries_of, require_small_dictionary

FILES = {f"photos/{number}.png": png(number) for number in range(8)}
ENTRY = 46
"""Bytes of an entry of the directory before its name."""


def names_in(path: Path) -> list[str]:
    with named_damage(path), ZIP.members(path) as members:
        return [member.path for member in members]


def changed(path: Path, offset: int, value: bytes) -> Path:
    content = bytearray(path.read_bytes())
    content[offset : offset + len(value)] = value
    path.write_bytes(content)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return zip_of(tmp_path / "a.zip", FILES)


@pytest.fixture
def directory(path: Path) -> int:
    """Offset of the directory."""
    return path.read_bytes().index(b"PK\1\2")


@pytest.mark.parametrize("comment", [b"", b"a comment"])
def test_an_intact_zip_has_all_its_files(path: Path, comment: bytes) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = comment
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes() + b"appended")
    with zipfile.ZipFile(path) as archive:
        assert [entry.filename for entry in entries_of(archive)] == list(FILES)


@pytest.mark.parametrize("field", [28, 30, 32], ids=["name", "extra field", "comment"])
def test_a_length_that_hides_the_next_entry_is_noticed(path: Path, directory: int, field: int) -> None:
    length = len("photos/0.png") if field == 28 else 0
    changed(path, directory + field, struct.pack("<H", length + ENTRY + len("photos/1.png")))
    with pytest.raises(DataError, match="damaged or cut off"):
        names_in(path)


def test_fewer_files_than_the_end_record_declares_are_noticed(path: Path) -> None:
    content = path.read_bytes()
    end = content.index(b"PK\5\6")
    changed(path, end + 12, struct.pack("<L", struct.unpack_from("<L", content, end + 12)[0] - 58))
    with pytest.raises(DataError, match=r"7 files are listed in it, expected 8|damaged"):
        names_in(path)


@pytest.mark.parametrize("declared", [7, 9, 0])
def test_another_count_in_the_end_record_is_noticed(path: Path, declared: int) -> None:
    changed(path, path.read_bytes().index(b"PK\5\6") + 10, struct.pack("<H", declared))
    with pytest.raises(DataError, match=f"8 files are listed in it, expected {declared}"):
        names_in(path)


def test_a_count_of_more_than_16_bits_is_compared(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    zip_of(path, FILES)
    record = path.read_bytes().index(b"PK\6\6")
    assert len(names_in(path)) == 8
    changed(path, record + 32, struct.pack("<Q", 8 + (1 << 16)))
    with pytest.raises(DataError, match="8 files are listed in it, expected 65544"):
        names_in(path)


def test_a_count_modulo_65536_is_that_of_old_programs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_entries, "_COUNTS", 6)
    changed(path, path.read_bytes().index(b"PK\5\6") + 10, struct.pack("<H", 2))
    assert len(names_in(path)) == 8


def test_a_name_that_is_not_that_in_the_header_is_noticed(path: Path, directory: int) -> None:
    changed(path, directory + ENTRY, b"photos/0.pnf")  # an ending of no image, which would be ignored
    with pytest.raises(DataError, match=r"the header of 'photos/0\.pnf' is damaged"):
        names_in(path)


def test_a_null_byte_in_a_name_is_damage(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"photos/3.png", b"photos/3\0png"))  # no image by its ending
    with pytest.raises(DataError, match=r"the header of 'photos/3' is damaged"):
        names_in(path)


@pytest.mark.parametrize(
    ("offset", "value"),
    [(42, b"\xff\xff\xff\x7f"), (8, b"\0\x08"), (30, b"\xff\xff")],
    ids=["offset", "name that is not UTF-8", "extra field"],
)
def test_malformed_values_are_damage(path: Path, directory: int, offset: int, value: bytes) -> None:
    changed(path, directory + ENTRY, b"\xff")
    changed(path, directory + offset, value)
    with pytest.raises(DataError, match="damaged or cut off"):
        names_in(path)


def test_a_dictionary_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.png", b"content")
    with zipfile.ZipFile(path) as archive:
        require_small_dictionary(archive, archive.infolist()[0])
    properties = path.read_bytes().index(b"a.png") + 5 + 5
    changed(path, properties, (MAX_DICTIONARY + 1).to_bytes(4, "little"))
    with zipfile.ZipFile(path) as archive, pytest.raises(zipfile.BadZipFile, match=r"'a\.png' needs 128 MB"):
        require_small_dictionary(archive, archive.infolist()[0])
