from dataclasses import replace

import numpy as np
import pytest

from builders import faces as random_faces
from mien.data.summary import describe
from mien.exploration.sections import listed, sections
from mien.labels import SPLITS


def texts(some, **options):
    """The text of each section, by its name; nothing is drawn."""
    chosen = {"seed": 0, "examples": 5, "class_name": None} | options
    return {section.name: section.text for section in sections(some, describe(some), **chosen)}


def labeled(labels, splits=None, **changes):
    splits = np.zeros(len(labels), np.uint8) if splits is None else np.array(splits, np.uint8)
    return replace(random_faces(len(labels), 3, size=6), labels=np.array(labels), splits=splits, **changes)


def test_a_full_set_has_all_sections():
    votes = np.full((140, 10), 1, np.uint8)
    names = list(texts(replace(random_faces(140, size=6), votes=votes)))
    assert names == [
        "examples", "one_per_class", "classes_train", "classes_validation", "classes_test",
        "classes_train_validation", "classes_train_test", "mean_faces", "brightness_and_contrast",
        "duplicates", "ferplus_votes",
    ]  # fmt: skip


def test_without_labels_there_is_less_to_show():
    some = labeled([-1, -1, -1])
    assert list(texts(some)) == ["examples", "brightness_and_contrast", "duplicates"]
    assert texts(some)["examples"] == "These faces have no labels. 3 of 3 are shown."


@pytest.mark.parametrize(
    ("labels", "section", "words"),
    [
        ([0, 1, 1, 1], "examples", "All 3 faces labeled class1."),
        ([0, 0, 1, 1], "one_per_class", "No face is labeled class2."),
        ([0, 1, 2, 1], "one_per_class", "One face of each class, chosen with seed 0."),
        ([0, 0, 0, 0, 1], "classes_train", "class0 is the most frequent class (4 faces)"),
        ([0, 0, 0, 0, 1], "classes_train", "class1 the rarest (1): 4.0 to 1."),
        ([0, 0, 0, 0, 1], "classes_train", "The majority-class baseline has an accuracy of 80.0 %."),
        ([0, 1, 2], "classes_train", "The 3 classes of train are balanced."),
        ([2, 2], "classes_train", "All labeled faces of train are class2."),
        ([0, 1, 2], "duplicates", "No two faces are pixel-identical."),
    ],
)
def test_text(labels, section, words):
    assert words in texts(labeled(labels))[section]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"examples": 2, "seed": 4}, "2 of the 3 faces labeled class1, chosen with seed 4."),
        ({"class_name": "class0"}, "The only face labeled class0."),
    ],
)
def test_examples_are_chosen(options, words):
    assert texts(labeled([0, 1, 1, 1]), **options)["examples"] == words


def test_two_splits_are_compared_by_share():
    some = labeled([0, 0, 1, 1, 0, 1, 1, 1], splits=[0, 0, 0, 0, 1, 1, 1, 1])
    words = texts(some)["classes_train_validation"]
    assert words.startswith("The share of class0 differs most: -25.0 points in validation.")
    same = labeled([0, 1, 0, 1, 0, 1], splits=[0, 0, 0, 0, 2, 2])
    words = texts(same)["classes_train_test"]
    assert (
        words
        == "Train and test have the same class distribution. Test has 0.50 times as many faces as train."
    )


def test_leakage_and_conflicting_labels_are_stated():
    some = random_faces(6, 3, size=6)
    leaking = replace(
        some, images=some.images[[0, 1, 2, 0, 1, 5]], labels=np.array([0, 1, 2, 1, 1, 0]),
        splits=np.array([0, 0, 0, 1, 2, 2], np.uint8),
    )  # fmt: skip
    words = texts(leaking)["duplicates"]
    assert words.startswith("2 faces are pixel-identical to an earlier one (33.3 % of 6).")
    assert "1 face of validation also in train and 1 face of test also in train." in words
    assert "Images with more than one label: 1." in words


def test_uniform_images_are_counted():
    some = random_faces(4, size=6)
    images = some.images.copy()
    images[1] = 128
    assert (
        "1 image is uniform and shows no face"
        in texts(replace(some, images=images))["brightness_and_contrast"]
    )


def test_ferplus_agreement():
    votes = np.zeros((3, 10), np.uint8)
    votes[0, 4], votes[1, 4], votes[2, 9] = 10, 10, 10
    some = replace(random_faces(3, size=6), votes=votes)
    words = texts(some)["ferplus_votes"]
    assert "agrees with the label for 50.0 %" in words
    assert "For 1 image the majority is" in words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdefghij"), "a, b, c, d, e, f, g, h, i and j"),
        (["a"] * 1009, "a, a, a, a, a, a, a, a, a and 1,000 others"),
    ],
)
def test_listed(words, expected):
    assert listed(words) == expected


def test_each_split_with_labels_has_a_section():
    for at, split in enumerate(SPLITS):
        assert f"classes_{split}" in texts(labeled([0, 1], splits=[at, at]))
