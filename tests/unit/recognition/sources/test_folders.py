"""Folders of images: order, skipped entries, links, and errors."""

import os

import pytest

from builders import folder_of
from mien.recognition.sources.folders import images_in_folder
from mien.recognition.sources.items import Failure


def names(folder):
    return [os.path.relpath(item.source, folder) for item in images_in_folder(str(folder))]


def test_images_by_name_each_folders_own_first(tmp_path):
    files = ["b/2.jpg", "b/10.jpg", "z.png", "a/x/y.webp", "a/k.JPEG", "A.gif"]
    folder_of(tmp_path, dict.fromkeys(files, b""))
    assert names(tmp_path) == ["A.gif", "z.png", "a/k.JPEG", "a/x/y.webp", "b/10.jpg", "b/2.jpg"]


def test_names_begin_as_the_folder_was_given(tmp_path, monkeypatch):
    folder_of(tmp_path / "photos", {"a.jpg": b""})
    monkeypatch.chdir(tmp_path)
    for given, name in [("photos", "photos/a.jpg"), ("photos/", "photos/a.jpg"), (".", "photos/a.jpg")]:
        assert [item.source for item in images_in_folder(given)] == [name]


def test_hidden_and_other_files_are_left_out(tmp_path):
    files = ["a.jpg", ".b.jpg", ".git/c.jpg", "notes.txt", "film.mp4", "d.jpg.part", "jpg"]
    folder_of(tmp_path, dict.fromkeys(files, b""))
    assert names(tmp_path) == ["a.jpg"]


def test_links_are_followed_and_circles_do_no_harm(tmp_path):
    folder_of(tmp_path / "in", {"a.jpg": b"", "deep/b.jpg": b""})
    folder_of(tmp_path / "beside", {"c.jpg": b""})
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "deep" / "self").symlink_to("self")
    (tmp_path / "in" / "other").symlink_to(tmp_path / "beside")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "beside")
    (tmp_path / "in" / "l.jpg").symlink_to(tmp_path / "in" / "a.jpg")
    assert names(tmp_path / "in") == ["a.jpg", "l.jpg", "again/c.jpg", "deep/b.jpg"]


def test_what_would_never_end_is_left_out_and_a_broken_link_is_not(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "to_pipe.jpg").symlink_to("pipe.jpg")
    (tmp_path / "broken.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "circle.jpg").symlink_to("circle.jpg")
    folder_of(tmp_path / "folder.jpg", {"x.png": b""})
    assert names(tmp_path) == ["broken.jpg", "circle.jpg", "folder.jpg/x.png"]


@pytest.mark.parametrize("files", [[], ["notes.txt", "film.mp4"]])
def test_a_folder_without_images_is_a_failure(tmp_path, files):
    folder_of(tmp_path / "empty", dict.fromkeys(files, b""))
    (failure,) = images_in_folder(str(tmp_path / "empty"))
    assert failure == Failure(str(tmp_path / "empty"), f"{tmp_path / 'empty'}: a folder without images")


def test_an_unreadable_folder_is_a_failure(tmp_path, monkeypatch):
    folder_of(tmp_path, {"a/1.jpg": b"", "b/2.jpg": b"", "c/3.jpg": b""})
    scan = os.scandir

    def scandir(path):
        if path.name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    first, failure, last = images_in_folder(str(tmp_path))
    assert (first.source[-5:], last.source[-5:]) == ("1.jpg", "3.jpg")
    assert failure.message == f"{tmp_path / 'b'}: can't read this folder (Permission denied)"


def test_names_that_are_not_utf8(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"")
    assert names(tmp_path) == [os.fsdecode(b"caf\xe9.jpg")]


def test_a_folder_that_is_to_be_left_apart_is_not_entered(tmp_path):
    folder_of(tmp_path, {"a.jpg": b"", "drawn/a.jpg": b"", "drawn/b/c.jpg": b"", "e/drawn/f.jpg": b""})
    (tmp_path / "z").symlink_to("drawn")
    found = images_in_folder(str(tmp_path), [tmp_path / "e" / ".." / "drawn"])
    assert [os.path.relpath(item.source, tmp_path) for item in found] == ["a.jpg", "e/drawn/f.jpg"]
