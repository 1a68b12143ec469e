from dataclasses import replace

import numpy as np

from builders import faces
from face_patterns import moved, patterns
from mien.auditing.copies import copies

SOME = replace(faces(20), images=patterns(20))
"""Faces 8 and 18 are of validation, 9 and 19 of test; the label of face n is n modulo 7."""


def found(images, labels=SOME.labels):
    some = replace(SOME, images=images, labels=labels.astype(np.int64))
    return [(one.position, one.reason, one.suggestion, one.match) for one in copies(some)]


def with_copies(*pairs):
    images, labels = SOME.images.copy(), SOME.labels.copy()
    for original, copy, change in pairs:
        images[copy], labels[copy] = change(images[original]), labels[original]
    return images, labels


def test_one_copy_is_kept_and_training_loses_the_others():
    assert found(*with_copies((1, 4, np.copy))) == [
        (1, "duplicate", "keep", "00004"),
        (4, "duplicate", "exclude", "00001"),
    ]


def test_the_copy_of_an_evaluation_split_is_kept():
    assert found(*with_copies((1, 9, lambda image: moved(image, 2, 0)))) == [
        (9, "near duplicate across splits", "keep", "00001"),
        (1, "near duplicate across splits", "exclude", "00009"),
    ]


def test_the_copy_that_is_kept_has_the_most_frequent_label():
    images, labels = with_copies((1, 4, np.copy), (1, 5, np.copy))
    labels[1] = 0
    kept = [(at, reason) for at, reason, wanted, _ in found(images, labels) if wanted == "keep"]
    assert kept == [(4, "duplicate"), (4, "conflicting labels"), (5, "conflicting labels")]


def test_a_majority_of_labels_is_suggested_and_without_one_all_are_excluded():
    images, labels = with_copies((1, 4, np.copy), (1, 5, np.copy), (2, 6, np.copy))
    labels[5], labels[6] = 0, 0
    conflicts = [
        (at, wanted) for at, reason, wanted, _ in found(images, labels) if reason == "conflicting labels"
    ]
    assert conflicts == [(1, "keep"), (4, "keep"), (5, "disgust"), (2, "exclude"), (6, "exclude")]


def test_two_images_without_a_face_are_no_near_duplicates():
    images, labels = with_copies((1, 4, lambda image: moved(image, 2, 0)), (2, 5, np.copy))
    some = replace(SOME, images=images, labels=labels)
    assert {one.position for one in copies(some, {1, 4, 2, 5})} == {2, 5}
    assert {one.position for one in copies(some, {1})} == {1, 4, 2, 5}


def test_different_images_are_no_findings():
    assert found(SOME.images) == []
