"""Folders: what a link may lead to, and what is no file at all."""

import os
from pathlib import Path

import pytest

from builders import folder_of, png
from mien.data import read_faces
from mien.errors import DataError

FILES = {"train/happy/1.png": png(10), "train/sad/2.png": png(20), "test/angry/3.png": png(30)}


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
    root = folder_of(tmp_path / "faces", FILES)
    (tmp_path / "outside.png").write_bytes(png(99))
    (root / link).symlink_to(target)
    with pytest.raises(DataError, match=f"{link}: .*{problem}"):
        read_faces(root, cache=False)
    assert len(read_faces(root, skip_bad=True, cache=False)) == 3


def test_a_link_to_a_file_of_the_folder_is_read(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "faces", FILES)
    (root / "train/happy/link.png").symlink_to("1.png")
    assert len(read_faces(root, cache=False)) == 4


def test_a_pipe_in_a_folder_is_no_image(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "faces", FILES)
    os.mkfifo(root / "train/happy/pipe.png")
    with pytest.raises(DataError, match=r"pipe\.png: neither a file nor a folder"):
        read_faces(root)


def test_a_folder_that_only_stores_what_links_name_is_no_class(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "faces", {f"pool/{number}.png": png(10 * number) for number in range(4)})
    for number, place in enumerate(("train/happy", "train/sad", "test/happy", "test/sad")):
        (root / place).mkdir(parents=True)
        (root / place / f"{number}.png").symlink_to(f"../../pool/{number}.png")
    found = read_faces(root, cache=False)
    assert len(found) == 4
    assert [found.classes[label] for label in found.labels] == ["happy", "sad", "happy", "sad"]
    assert found.images[:, 0, 0].tolist() == [20, 30, 0, 10]  # sorted by path: test/, then train/


def test_a_class_that_another_one_links_to_is_read(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "faces", {"happy/1.png": png(1), "sad/2.png": png(2)})
    (root / "sad" / "link.png").symlink_to("../happy/1.png")
    found = read_faces(root, cache=False)
    assert sorted(found.classes[label] for label in found.labels) == ["happy", "sad", "sad"]


@pytest.mark.parametrize(
    "name", ["caf\udce9", "\u200e00000012-PHOTO", "9.41.00\u202fAM", "a\u00a0b", "\U0001f600"]
)
def test_a_name_that_is_not_utf8_or_has_special_spaces_is_read(tmp_path: Path, name: str) -> None:
    root = folder_of(tmp_path / "faces", FILES | {f"train/happy/{name}.png": png(40)})
    found = read_faces(root, cache=False)
    assert len(found) == 4
    assert all("".join(found.ids).encode())


@pytest.mark.parametrize("path", ["train/caf\udce9/1.png", "train/a\u00a0b/1.png", "train/sad/a\nb.png"])
def test_a_class_that_cannot_be_printed_and_a_line_break_are_refused(tmp_path: Path, path: str) -> None:
    root = folder_of(tmp_path / "faces", FILES | {path: png(40)})
    with pytest.raises(DataError, match="unprintable"):
        read_faces(root, cache=False)
