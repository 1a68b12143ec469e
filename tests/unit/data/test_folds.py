from dataclasses import replace

import numpy as np

from builders import faces
from face_patterns import moved, patterns
from mien.data.folds import fold_numbers

SOME = replace(faces(60, 3), images=patterns(60))


def test_each_class_and_split_is_spread_over_the_folds():
    numbers = fold_numbers(SOME, 4, 0)
    training = SOME.in_split("train")
    table = [
        [((numbers == fold) & training & (SOME.labels == label)).sum() for fold in (1, 2, 3, 4)]
        for label in range(3)
    ]
    assert np.min(table) >= 3
    assert np.max(table) <= 5


def test_copies_are_in_one_fold():
    images = SOME.images.copy()
    images[30], images[50] = images[2], moved(images[2], 2, 1)
    images[41] = images[8][:, ::-1]
    for seed in range(5):
        numbers = fold_numbers(replace(SOME, images=images), 5, seed)
        assert numbers[2] == numbers[30] == numbers[50]
        assert numbers[8] == numbers[41]


def test_folds_depend_on_the_seed_only():
    first = fold_numbers(SOME, 5, 0)
    assert np.array_equal(first, fold_numbers(replace(SOME, source="copy"), 5, 0))
    assert not np.array_equal(first, fold_numbers(SOME, 5, 1))
