import errno
import json
import os
from pathlib import Path

import pytest

from mien.errors import DataError, MienError, OutputError
from mien.files.targets import require_folder
from mien.files.writing import (
    as_path,
    nearest_path,
    openable,
    replacing,
    replacing_folder,
    write_bytes,
    write_json,
    write_text,
)


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize(
    ("write", "value", "content"),
    [
        (write_bytes, b"\x00\xff", b"\x00\xff"),
        (write_text, "é\n", "é\n".encode()),
        (write_text, "\udcff", rb"\udcff"),
        (write_json, ["\udcff"], b'[\n  "\\udcff"\n]\n'),
        (write_json, {"a": ["é", 1.5]}, '{\n  "a": [\n    "é",\n    1.5\n  ]\n}\n'.encode()),
    ],
)
def test_writes_content_into_folders_that_it_makes(tmp_path, write, value, content):
    path = tmp_path / "new" / "deep" / "file"
    write(path, value)
    assert path.read_bytes() == content
    assert names_in(path.parent) == ["file"]


def test_a_file_is_readable_as_the_mask_allows(tmp_path):
    (tmp_path / "plain").write_text("x")
    write_text(tmp_path / "atomic", "x")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_nothing_changes_before_the_end(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyError), replacing(path):
        raise KeyError
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["file"]


def test_json_is_valid_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "file", float("nan"))
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("manager", [replacing, replacing_folder])
def test_a_place_that_cannot_be_written_is_named(tmp_path, manager):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MienError, match=r"Not a directory|file is a file"), manager(tmp_path / "file" / "x"):
        pass


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "taken" / "full").mkdir(parents=True)
    with pytest.raises(MienError, match=r"taken: can't write there, this is a folder"):
        write_text(tmp_path / "taken", "x")
    assert names_in(tmp_path) == ["taken"]


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").write_text("old")
    with replacing_folder(path) as temporary:
        (temporary / "new").write_text("new")
        assert names_in(path) == ["old"]
    assert names_in(path) == ["new"]
    assert names_in(tmp_path) == ["folder"]


def test_a_failure_leaves_the_old_folder(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").write_text("old")
    with pytest.raises(KeyError), replacing_folder(path):
        raise KeyError
    assert names_in(path) == ["old"]
    assert names_in(tmp_path) == ["folder"]


def test_a_folder_is_as_open_as_the_mask_allows(tmp_path):
    (tmp_path / "plain").mkdir()
    with replacing_folder(tmp_path / "atomic"):
        pass
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_json_keeps_letters(tmp_path):
    write_json(tmp_path / "file", {"é": None})
    assert json.loads((tmp_path / "file").read_text(encoding="utf-8")) == {"é": None}


@pytest.mark.parametrize("name", ["folder", "new", "folder/new/deeper"])
def test_a_folder_may_exist_or_not(tmp_path, name):
    (tmp_path / "folder").mkdir()
    require_folder(tmp_path / name)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]  # nothing is created


@pytest.mark.parametrize("name", ["report.html", "a/plots.PNG", "faces.npz", "faces.tar.gz", "run.onnx"])
def test_a_new_folder_is_not_named_as_a_file(tmp_path, name):
    with pytest.raises(
        MienError, match=r"this would become a folder, but it ends in .* leave out the ending"
    ):
        require_folder(tmp_path / name)
    (tmp_path / name).mkdir(parents=True)
    require_folder(tmp_path / name)


@pytest.mark.parametrize("name", ["v1.0", "2026.11.27", "my.faces", ".hidden"])
def test_a_folder_may_have_a_dot_in_its_name(tmp_path, name):
    require_folder(tmp_path / name)
    assert not (tmp_path / name).exists()  # it is only checked


@pytest.mark.parametrize("name", ["photo.jpg", "photo.jpg/new"])
def test_a_file_is_no_folder(tmp_path, name):
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    with pytest.raises(MienError, match=r"photo\.jpg is a file; expected a folder"):
        require_folder(tmp_path / name)


@pytest.mark.parametrize("name", ["b\udcff/c.bin", "b\udcff/c\udcff.bin", "b/c.bin"])
def test_libraries_open_a_file_of_any_name_by_a_name_in_utf8(tmp_path, name):
    path = tmp_path / name
    write_bytes(path, b"content")
    with openable(path) as opened:
        assert Path(opened.encode().decode()).read_bytes() == b"content"


@pytest.mark.parametrize("value", ["a", "a/" * 1000, Path("b\udcff"), "é" * 127])
def test_a_path_that_the_system_can_take(value):
    assert as_path(value, "source") == Path(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "source of type NoneType, expected a path"),
        (b"a", "source of type bytes, expected a path"),
        ("a\0b", "source, a path with a null byte"),
        ("a\ud800", "source, a path with characters that no file name can have"),
        ("é" * 128, "source, a path of 256 bytes with a name of 256"),
        ("a/" * 3000, "source, a path of 5999 bytes"),
    ],
)
def test_a_path_that_no_file_can_have_is_refused(value, message):
    with pytest.raises(DataError, match=message):
        as_path(value, "source", DataError)


def test_a_link_is_followed_and_permissions_are_kept(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_and_not_replaced():
    write_text(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OutputError, match=r"/dev/full: can't write it \(No space left on device\)"):
        write_text(Path("/dev/full"), "x")


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_an_error_that_the_disk_reports_late_leaves_the_old_file(tmp_path, monkeypatch, call, number):
    def failing(*_):
        raise OSError(number, os.strerror(number))

    path = tmp_path / "file"
    path.write_text("old")
    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), failing)
    with pytest.raises(OutputError, match=r"file: can't write it \(.*\); the previous content is kept"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["file"]


def test_a_full_disk_leaves_the_old_folder(tmp_path, file_size_limit):
    (tmp_path / "folder").mkdir()
    with file_size_limit(10), pytest.raises(OutputError, match=r"folder: can't write it \(File too large\)"):
        write_folder(tmp_path / "folder", b"x" * 100)
    assert names_in(tmp_path) == ["folder"]


def write_folder(path, content):
    with replacing_folder(path) as temporary:
        (temporary / "new").write_bytes(content)


def test_the_nearest_path_has_a_similar_name_in_the_same_folder(tmp_path):
    (tmp_path / "photo.jpg").touch()
    assert nearest_path(tmp_path / "foto.jpg") == tmp_path / "photo.jpg"
    assert nearest_path(tmp_path / "xyz") is None
    assert nearest_path(tmp_path / "nowhere" / "photo.jpg") is None
