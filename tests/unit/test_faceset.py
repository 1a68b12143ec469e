from dataclasses import replace

import numpy as np
import pytest

from builders import faces
from mien.errors import DataError
from mien.labels import EMOTIONS, TEST, TRAIN, UNLABELED, VALIDATION

FIVE = faces(5)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"images": np.zeros((5, 48, 47), np.uint8)}, r"\(5, 48, 47\)"),
        ({"images": np.zeros((5, 48 * 48), np.uint8)}, "shape"),
        (
            {"images": np.zeros((5, 48, 48, 4), np.uint8)},
            r"\(5, 48, 48, 4\), expected .* or \(n, size, size, 3\)",
        ),
        ({"images": np.zeros((5, 48, 48, 1), np.uint8)}, "shape"),
        ({"images": np.zeros((5, 48, 47, 3), np.uint8)}, "shape"),
        ({"images": np.zeros((5, 48, 48), np.float32)}, "float32, expected uint8"),
        ({"labels": np.zeros(4, np.int64)}, r"labels of shape \(4,\) for 5"),
        ({"labels": np.zeros(5, np.int32)}, "labels of type int32"),
        ({"labels": np.full(5, 7)}, r"labels outside -1\.\.6"),
        ({"labels": np.full(5, -2)}, r"labels outside -1\.\.6"),
        ({"splits": np.full(5, 3, np.uint8)}, r"splits outside 0\.\.2"),
        ({"splits": np.full(5, -1)}, "splits of type int64"),
        ({"ids": np.array(["a"])}, "ids of shape"),
        ({"classes": ()}, "0 classes"),
        ({"classes": ("a",) * 7}, "repeat"),
        ({"classes": tuple(map(str, range(1001)))}, "1001 classes"),
        ({"votes": np.zeros((5, 9), np.uint8)}, r"\(5, 9\), expected \(5, 10\)"),
    ],
)
def test_inconsistent_parts_are_an_error(part, found):
    with pytest.raises(DataError, match=found):
        replace(FIVE, **part)


@pytest.mark.parametrize(("channels", "shape"), [(1, (4, 24, 24)), (3, (4, 24, 24, 3))])
def test_size_and_channels_follow_from_the_images(channels, shape):
    some = faces(4, size=24, channels=channels)
    assert some.images.shape == shape
    assert (some.size, some.channels) == (24, channels)
    taken = some.take(np.array([2]))
    assert (taken.size, taken.channels) == (24, channels)
    assert np.array_equal(taken.images[0], some.images[2])


def test_repr_is_one_line_without_the_arrays():
    some = replace(faces(4, size=24, channels=3), splits=np.array([0, 0, 2, 2], np.uint8), source="a.csv")
    assert repr(some) == (
        f"FaceSet(n=4, size=24, channels=3, classes={some.classes}, splits=('train', 'test'), source='a.csv')"
    )


def test_color_changes_the_fingerprint():
    gray = faces(3)
    color = replace(gray, images=np.repeat(gray.images[..., None], 3, axis=-1))
    assert color.fingerprint != gray.fingerprint
    blue = color.images.copy()
    blue[2, 47, 47, 2] ^= 1
    assert replace(color, images=blue).fingerprint != color.fingerprint


def test_a_set_may_be_empty():
    none = FIVE.take(np.zeros(5, bool))
    assert len(none) == 0
    assert none.split_names() == ()
    assert none.counts().tolist() == [0] * 7


def test_arrays_are_read_only():
    some = faces(3)
    for array in (some.images, some.labels, some.splits, some.ids):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_take_keeps_every_part_together_and_in_order():
    some = replace(faces(20), votes=np.arange(200, dtype=np.uint8).reshape(20, 10))
    taken = some.take(np.array([7, 2]))
    assert taken.ids.tolist() == ["00007", "00002"]
    np.testing.assert_array_equal(taken.images, some.images[[7, 2]])
    np.testing.assert_array_equal(taken.labels, some.labels[[7, 2]])
    np.testing.assert_array_equal(taken.votes, some.votes[[7, 2]])
    assert (taken.classes, taken.source) == (some.classes, some.source)


@pytest.mark.parametrize(("split", "count"), [(TRAIN, 16), (VALIDATION, 2), (TEST, 2)])
def test_a_split_is_selected(split, count):
    some = faces(20)
    assert len(some.of_split(split)) == some.in_split(split).sum() == count
    assert some.of_split(split).split_names() == (split,)


def test_counts_leave_unlabeled_faces_out():
    some = replace(faces(14), labels=np.array([UNLABELED] * 7 + [3] * 5 + [6] * 2))
    assert some.counts().tolist() == [0, 0, 0, 5, 0, 0, 2]


def changed(array, position=0):
    other = array.copy()
    other[position] = other[position] ^ 1
    return other


@pytest.mark.parametrize(
    "part",
    [
        {"images": changed(FIVE.images, (4, 47, 47))},
        {"labels": changed(FIVE.labels)},
        {"splits": changed(FIVE.splits)},
        {"classes": EMOTIONS[::-1]},
    ],
    ids=lambda part: next(iter(part)),
)
def test_the_fingerprint_changes_with_each_part(part):
    assert replace(FIVE, **part).fingerprint != FIVE.fingerprint


def test_the_fingerprint_is_of_the_content_alone():
    votes = np.zeros((5, 10), np.uint8)
    other = replace(
        FIVE, ids=FIVE.ids[::-1].copy(), source="elsewhere", images=FIVE.images.copy(), votes=votes
    )
    assert other.fingerprint == FIVE.fingerprint
    assert len(FIVE.fingerprint) == 32


def test_the_fingerprint_is_the_same_on_every_machine():
    """Runs and caches store it: a change of its definition must be seen."""
    some = replace(FIVE, images=np.arange(20, dtype=np.uint8).reshape(5, 2, 2))
    assert some.fingerprint == "3c96317a3b0a5610338722b901f771b7"


@pytest.mark.parametrize("split", ["nowhere", None, 3])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(DataError, match="expected one of train, validation, test"):
        faces(7).of_split(split)
