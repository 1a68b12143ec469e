"""Paths to splits and classes."""

from pathlib import Path

import pytest

from mien.data.readers.layout import arrange, class_names, label_in
from mien.data.reading import Faults
from mien.errors import DataError
from mien.labels import EMOTIONS
from mien.media.archives.members import Member


def members(*paths: str) -> list[Member]:
    return [Member(path, 0, Path("nowhere").open) for path in paths]


def arranged(*paths: str) -> list[tuple[str, str]]:
    return [(place.split, place.class_name) for place in arrange(members(*paths), Faults("it"))]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["train/happy/1.jpg", "test/sad/2.jpg"], [("train", "happy"), ("test", "sad")]),
        (["archive/train/happy/1.jpg", "archive/val/sad/2.jpg"], [("train", "happy"), ("validation", "sad")]),
        (["a/b/train/happy/1.jpg", "a/b/train/sad/2.jpg"], [("train", "happy"), ("train", "sad")]),
        (["train/happy/1.jpg"], [("train", "happy")]),
        (["happy/1.jpg", "sad/2.jpg"], [("train", "happy"), ("train", "sad")]),
        (["faces/happy/1.jpg", "faces/sad/2.jpg"], [("train", "happy"), ("train", "sad")]),
        (["happy/1.jpg"], [("train", "happy")]),
        (["Training/happy/1.jpg", "PublicTest/sad/2.jpg"], [("train", "happy"), ("validation", "sad")]),
        (["TEST/happy/1.jpg", "Valid/sad/2.jpg"], [("test", "happy"), ("validation", "sad")]),
        (
            ["test/happy/PublicTest_1.jpg", "test/sad/PrivateTest_2.jpg", "train/sad/Training_3.jpg"],
            [("validation", "happy"), ("test", "sad"), ("train", "sad")],
        ),
        (["happy/privatetest_1.jpg", "sad/PublicTester.jpg"], [("test", "happy"), ("train", "sad")]),
        (["train/happy/1.jpg", "__MACOSX/train/happy/._1.jpg", ".git/x", "Thumbs.db"], [("train", "happy")]),
        (
            ["train/happy/1.jpg", "README.md", "train/happy/.DS_Store", "train/notes.txt"],
            [("train", "happy")],
        ),
    ],
)
def test_places(paths: list[str], expected: list[tuple[str, str]]) -> None:
    assert arranged(*paths) == expected


@pytest.mark.parametrize(
    "paths",
    [
        ["1.jpg"],
        ["train/1.jpg", "train/happy/2.jpg"],
        ["train/happy/deep/1.jpg", "train/happy/2.jpg"],
        ["other/happy/1.jpg", "train/happy/2.jpg"],
        ["train/test/1.jpg"],
        ["happy/1.jpg", "2.jpg"],
    ],
)
def test_an_image_without_a_class_is_an_error(paths: list[str]) -> None:
    with pytest.raises(DataError, match=r"\.jpg: its path names no class"):
        arranged(*paths)


def test_a_member_with_a_problem_is_an_error() -> None:
    bad = Member("train/happy/1.jpg", 0, Path("nowhere").open, "a link out of the folder")
    with pytest.raises(DataError, match=r"it: train/happy/1\.jpg: a link out of the folder"):
        arrange([bad], Faults("it"))


@pytest.mark.parametrize(
    ("names", "classes", "labels"),
    [
        (["happy", "sad"], EMOTIONS, [3, 4]),
        (["Happiness", "ANGER", "fearful"], EMOTIONS, [3, 0, 2]),
        (["happy", "contempt"], ("contempt", "happy"), [1, 0]),
        (["b", "a", "B"], ("B", "a", "b"), [2, 1, 0]),
    ],
)
def test_classes(names: list[str], classes: tuple[str, ...], labels: list[int]) -> None:
    places = arrange(members(*(f"{name}/1.jpg" for name in names)), Faults("it"))
    assert class_names(place.class_name for place in places) == classes
    assert [label_in(place.class_name, classes) for place in places] == labels
