import errno
import os
import socket
from pathlib import Path

import pytest

from mien.errors import MienError, OutputError
from mien.files.targets import (
    is_inside,
    is_same_file,
    place_of,
    require_file,
    require_folder,
    require_replaceable,
    write_error,
    writing,
)

LONGEST = "a" * 251 + ".csv"


@pytest.fixture
def entries(tmp_path):
    """One entry of each kind."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "to pipe").symlink_to("pipe")
    (tmp_path / "dangling").symlink_to("folder/new")
    (tmp_path / "lost").symlink_to("nowhere/new")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "stdout").symlink_to("/dev/stdout")
    (tmp_path / "to folder").symlink_to("folder")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("file", "file"), ("new", "new"), ("link", "file"), ("dangling", "folder/new"),
        ("lost", "nowhere/new"), ("to folder/x", "folder/x"), ("new/deep/x", "new/deep/x"),
        (LONGEST, LONGEST), ("é" * 120, "é" * 120),
    ],
)  # fmt: skip
def test_a_file_and_what_a_link_leads_to(entries, name, file):
    place = require_file(entries / name)
    assert (place.file, place.is_stream) == (entries / file, False)


@pytest.mark.parametrize(
    ("name", "descriptor"),
    [("pipe", None), ("to pipe", None), ("/dev/null", None), ("/dev/stdout", 1), ("/dev/fd/2", 2),
     ("stdout", 1), ("/proc/self/fd/1", 1)],
)  # fmt: skip
def test_pipes_devices_and_descriptors_are_streams(entries, name, descriptor):
    place = require_file(entries / name)
    assert (place.file, place.descriptor) == (None, descriptor)
    with pytest.raises(MienError, match="not a regular file"):
        require_file(entries / name, stream=False)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "this is a folder; expected a file"),
        ("to folder", "this is a folder"),
        ("file/x", "Not a directory"),
        ("loop", "symbolic links"),
        ("a" * 256, "File name too long"),
        ("new/" + "a" * 256 + "/x", "File name too long"),
        ("a\0b", "not a valid path"),
        ("/dev/fd/999", "Bad file descriptor"),
    ],
)
def test_what_cannot_be_a_file_is_refused(entries, name, message):
    before = sorted(entries.rglob("*"))
    with pytest.raises(MienError, match=message) as caught:
        require_file(entries / name)
    assert not isinstance(caught.value, OutputError)
    assert sorted(entries.rglob("*")) == before


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(MienError, match="a socket or a block device"):
            require_file(Path("socket"))


@pytest.mark.parametrize(
    ("name", "message"),
    [("file", "file is a file"), ("file/x", "file is a file"), ("pipe", "is a file"),
     ("/dev/null", "is a file"), ("lost", "a symbolic link to nothing"), ("a" * 256, "File name too long")],
)  # fmt: skip
def test_what_cannot_be_a_folder_is_refused(entries, name, message):
    with pytest.raises(MienError, match=message):
        require_folder(entries / name)
    for possible in ("folder", "to folder", "new", "new/deep"):
        require_folder(entries / possible)
    assert not (entries / "new").exists()


@pytest.mark.parametrize("require", [require_file, require_folder])
def test_a_missing_permission_is_noticed_before_the_work(tmp_path, monkeypatch, require):
    monkeypatch.setattr(os, "access", lambda *_: False)
    for path in (tmp_path / "x", tmp_path / "new" / "x", tmp_path):
        with pytest.raises(MienError, match=r"Permission denied|a folder"):
            require(path)


def test_only_own_files_are_replaced(tmp_path):
    for name, content in (("own", b"own"), ("other", b"x"), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
    for name in ("own", "empty", "new", "/dev/null"):
        require_replaceable(tmp_path / name, lambda path: path.read_bytes() == b"own", "a result")
    with pytest.raises(MienError, match=r"other: exists and is not a result; .*force=True"):
        require_replaceable(tmp_path / "other", lambda path: path.read_bytes() == b"own", "a result")


def test_the_same_file_by_other_names(entries):
    (entries / "hard").hardlink_to(entries / "file")
    for other in ("file", "link", "hard", "folder/../file"):
        assert is_same_file(entries / "file", entries / other)
    assert not is_same_file(entries / "file", entries / "new")
    assert is_inside(entries / "to folder" / "x", entries / "folder")
    assert not is_inside(entries / "folder", entries / "file")


def test_an_error_of_the_disk_names_the_file_and_what_to_do():
    error = write_error(
        Path("a.csv"), OSError(errno.ENOSPC, "No space left on device"), "the old one is kept"
    )
    assert str(error) == (
        "a.csv: can't write it (No space left on device); the old one is kept; free some space"
    )
    with pytest.raises(BrokenPipeError), writing(Path("a.csv")):
        raise BrokenPipeError


def test_a_stream_on_a_descriptor_continues_a_redirected_file(tmp_path):
    with (tmp_path / "log").open("wb", buffering=0) as log:
        log.write(b"before ")
        with place_of(Path(f"/dev/fd/{log.fileno()}")).open_stream() as stream:
            stream.write(b"after")
    assert (tmp_path / "log").read_bytes() == b"before after"
