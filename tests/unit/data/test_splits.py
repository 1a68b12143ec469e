from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import faces
from mien.data.duplicates import duplicate_groups
from mien.data.splits import with_validation
from mien.errors import DataError
from mien.labels import SPLITS, TEST, TRAIN, UNLABELED, VALIDATION


def without_validation(n, seed=0):
    """Random faces whose validation faces train, too: 9 of 10 train, 1 tests."""
    some = faces(n, seed=seed, size=4)
    splits = np.where(some.in_split(VALIDATION), SPLITS.index(TRAIN), some.splits)
    return replace(some, splits=splits.astype(np.uint8))


def test_a_source_with_a_validation_split_keeps_it():
    some = faces(20)
    assert with_validation(some, 0.1, 0) is some


def test_the_validation_split_of_the_source_may_become_test():
    some = faces(140, size=4)
    split = with_validation(some, 0.2, 0, always=True)
    given_faces = some.in_split(VALIDATION)
    assert given_faces.any()
    np.testing.assert_array_equal(split.in_split(TEST), given_faces | some.in_split(TEST))
    assert 0 < split.in_split(VALIDATION).sum() < some.in_split(TRAIN).sum()
    assert not (split.in_split(VALIDATION) & given_faces).any()


def test_the_hold_out_takes_its_share_of_each_class_and_none_of_the_test():
    some = without_validation(700)
    split = with_validation(some, 0.2, 0)
    trained = some.of_split(TRAIN).counts()
    np.testing.assert_array_equal(split.of_split(VALIDATION).counts(), np.round(0.2 * trained))
    np.testing.assert_array_equal(split.in_split(TEST), some.in_split(TEST))
    np.testing.assert_array_equal(split.images, some.images)


def test_the_seed_decides():
    some = without_validation(200)
    again = with_validation(some, 0.2, 3).splits
    np.testing.assert_array_equal(with_validation(some, 0.2, 3).splits, again)
    assert (with_validation(some, 0.2, 4).splits != again).any()


def test_faces_without_a_label_stay_where_they_are():
    some = without_validation(100)
    labels = some.labels.copy()
    labels[::3] = UNLABELED
    split = with_validation(replace(some, labels=labels), 0.3, 0)
    assert (split.splits[::3] == some.splits[::3]).all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), share=st.floats(0.01, 0.49), pictures=st.integers(20, 60))
def test_identical_faces_stay_on_one_side(seed, share, pictures):
    rng = np.random.default_rng(seed)
    some = without_validation(150, seed)
    picture = rng.integers(0, pictures, 150)
    twins = replace(some, images=some.images[picture], labels=picture % 3)
    split = with_validation(twins, share, seed)
    groups = duplicate_groups(split.images)
    held, trained = groups[split.in_split(VALIDATION)], groups[split.in_split(TRAIN)]
    assert not np.isin(held, trained).any()
    assert len(held)
    assert len(trained)


@pytest.mark.parametrize("identical", [True, False])
def test_a_class_with_one_distinct_face_is_named(identical):
    some = without_validation(60)
    labels, images = np.full(60, 3), some.images.copy()
    labels[:2] = 5
    if identical:
        images[1] = images[0]
    some = replace(some, labels=labels, images=images, source="few.csv")
    if not identical:
        assert with_validation(some, 0.1, 0).of_split(VALIDATION).counts()[5] == 1
        return
    with pytest.raises(DataError, match=r"few.csv: class 'surprise' has 1 distinct training face"):
        with_validation(some, 0.1, 0)


def test_a_class_without_training_faces_is_left_alone():
    some = without_validation(60)
    split = with_validation(replace(some, labels=some.labels % 3), 0.1, 0)
    assert (split.of_split(VALIDATION).counts() > 0).tolist() == [True] * 3 + [False] * 4
