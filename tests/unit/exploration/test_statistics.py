from dataclasses import replace

import numpy as np
import pytest

from builders import faces as random_faces
from mien.errors import DataError
from mien.exploration import statistics
from mien.labels import SPLITS


def with_labels(labels, **changes):
    some = random_faces(len(labels), 3, size=6)
    return replace(some, labels=np.array(labels, np.int64), **changes)


@pytest.mark.parametrize("chunk", [1, 3, 2048])
def test_pixel_statistics_are_mean_and_standard_deviation_of_each_face(monkeypatch, chunk):
    monkeypatch.setattr(statistics, "CHUNK", chunk)
    some = random_faces(7, size=9)
    found = statistics.pixel_statistics(some)
    np.testing.assert_allclose(found.brightness, [image.mean() for image in some.images], rtol=1e-6)
    np.testing.assert_allclose(found.contrast, [image.std() for image in some.images], rtol=1e-5)


def test_mean_faces_leave_out_other_classes_and_unlabeled_faces():
    some = with_labels([0, 0, 2, -1, 2, 2])
    means = statistics.mean_faces(some)
    np.testing.assert_allclose(means[0], (some.images[0].astype(float) + some.images[1]) / 2)
    np.testing.assert_allclose(means[2], some.images[[2, 4, 5]].mean(axis=0))
    assert np.isnan(means[1]).all()


def test_ferplus_shares_are_votes_of_the_class_over_all_its_votes():
    votes = np.zeros((4, 10), np.uint8)
    votes[0, 0], votes[1, 1], votes[2, 4] = 10, 10, 5
    shares = statistics.ferplus_shares(with_labels([0, 0, 1, 2], votes=votes))
    np.testing.assert_allclose(shares[0, :3], [0.5, 0.5, 0])
    assert shares[1, 4] == 1
    assert np.isnan(shares[2]).all()


def test_ferplus_shares_need_votes():
    with pytest.raises(DataError, match="no FER\\+ votes"):
        statistics.ferplus_shares(with_labels([0, 1]))


REPEATING = {
    "pictures": [0, 0, 1, 2, 0, 1, 3, 3, 4],
    "labels": [0, 0, 1, 2, 1, 1, 2, -1, 0],
    "splits": [0, 0, 0, 0, 1, 1, 2, 2, 2],
}


def repeating():
    originals = random_faces(5, 3, size=6).images
    return replace(
        with_labels(REPEATING["labels"]),
        images=originals[REPEATING["pictures"]],
        splits=np.array(REPEATING["splits"], np.uint8),
    )


def test_duplicates_against_a_naive_count():
    pictures, splits = REPEATING["pictures"], REPEATING["splits"]
    naive = np.zeros((3, 3), int)
    for at, (picture, split) in enumerate(zip(pictures, splits, strict=True)):
        for other in range(3):
            before = [p for p, s in zip(pictures[:at], splits[:at], strict=True) if s == split]
            anywhere = [p for p, s in zip(pictures, splits, strict=True) if s == other]
            naive[split, other] += picture in (before if other == split else anywhere)
    found = statistics.find_duplicates(repeating())
    assert found.splits == SPLITS
    np.testing.assert_array_equal(found.shared, naive)


def test_duplicates_are_ordered_by_size_and_know_their_conflicts():
    found = statistics.find_duplicates(repeating())
    assert [members.tolist() for members in found.groups] == [[0, 1, 4], [2, 5], [6, 7]]
    assert found.conflicting == (True, False, False)


@pytest.mark.parametrize(
    ("label", "number", "expected"), [(0, 2, 2), (0, 99, 34), (None, 5, 5), (None, 999, 100)]
)
def test_choose_takes_distinct_faces_of_the_class(label, number, expected):
    some = random_faces(100, 3, size=6)
    chosen = statistics.choose(some, label, number, seed=1)
    assert len(set(chosen.tolist())) == len(chosen) == expected
    assert label is None or (some.labels[chosen] == label).all()


def test_choose_depends_on_the_seed_alone():
    some = random_faces(100, 3, size=6)
    assert statistics.choose(some, 0, 5, 3).tolist() == statistics.choose(some, 0, 5, 3).tolist()
    assert statistics.choose(some, 0, 5, 3).tolist() != statistics.choose(some, 0, 5, 4).tolist()


@pytest.mark.parametrize(
    ("number", "seed", "said"), [(0, 0, "examples: 0"), (-1, 0, "examples: -1"), (1, -1, "seed: -1")]
)
def test_choose_refuses(number, seed, said):
    with pytest.raises(DataError, match=said):
        statistics.choose(random_faces(3, size=6), None, number, seed)


@pytest.mark.parametrize(
    ("name", "said"),
    [("hapy", "no class 'hapy'; its classes are class0"), ("class1", "class 'class1' has no faces")],
)
def test_label_of_class_refuses(name, said):
    with pytest.raises(DataError, match=said):
        statistics.label_of_class(with_labels([0, 0, 2]), name)
