from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from builders import faces
from mien.data.summary import FerPlusInfo, Overlap, conflicting_groups, describe
from mien.labels import EMOTIONS, FERPLUS_COLUMNS, UNLABELED


def with_twins(n, twins):
    """Random faces, with the pictures of `twins` (position: the one it repeats) repeated."""
    some = faces(n)
    images = some.images.copy()
    for position, other in twins.items():
        images[position] = images[other]
    return replace(some, images=images)


def votes_for(*columns):
    """Ten votes a face: all for one column, or shared between the two of a pair."""
    votes = np.zeros((len(columns), 10), np.uint8)
    for row, names in enumerate(columns):
        for name in names if isinstance(names, tuple) else (names,):
            votes[row, FERPLUS_COLUMNS.index(name)] = 10 // (2 if isinstance(names, tuple) else 1)
    return votes


def test_counts_are_of_each_split_and_class():
    info = describe(faces(70))
    assert [split.name for split in info.splits] == ["train", "validation", "test"]
    assert [split.faces for split in info.splits] == [56, 7, 7]
    assert [split.counts for split in info.splits] == [(8,) * 7, (1,) * 7, (1,) * 7]
    assert (info.faces, info.size, info.classes, info.source) == (70, 48, EMOTIONS, "random:70:0")
    assert info.fingerprint == faces(70).fingerprint


def test_only_splits_with_faces_are_listed():
    assert [split.name for split in describe(faces(8)).splits] == ["train"]


def test_duplicates_are_counted_within_and_across_splits():
    info = describe(with_twins(20, {1: 0, 2: 0, 8: 3, 18: 8, 9: 0, 19: 9}))
    assert [split.distinct for split in info.splits] == [14, 1, 1]
    assert info.overlaps == (
        Overlap("validation", "train", 2),
        Overlap("test", "train", 2),
        Overlap("test", "validation", 0),
    )
    assert info.distinct == 14


def test_a_conflict_is_one_picture_with_several_labels():
    same_label, other_label = {7: 0}, {1: 0, 2: 0, 4: 3}
    assert describe(with_twins(10, same_label)).conflicting == 0
    assert describe(with_twins(10, other_label)).conflicting == 2


def test_an_unlabeled_twin_is_no_conflict():
    labels = np.array([3, UNLABELED, 4, 4, 5])
    assert conflicting_groups(labels, np.array([0, 0, 2, 2, 2])).tolist() == [2]


def test_unlabeled_faces_are_counted_and_not_of_any_class():
    info = describe(replace(faces(10), labels=np.full(10, UNLABELED)))
    assert info.unlabeled == 10
    assert info.splits[0].faces == 8
    assert sum(info.splits[0].counts) == 0
    assert info.conflicting == 0


def test_no_faces_at_all_are_described_too():
    info = describe(faces(0))
    assert (info.faces, info.splits, info.overlaps, info.distinct) == (0, (), (), 0)


def test_votes_are_compared_with_labels():
    labels = np.array([0, 0, 1, 3, 6, UNLABELED])
    votes = votes_for("anger", "fear", ("anger", "disgust"), "NF", "neutral", "happiness")
    some = replace(faces(6), labels=labels, votes=votes)
    ferplus = describe(some).ferplus
    assert ferplus == FerPlusInfo(
        majorities={
            **dict.fromkeys(FERPLUS_COLUMNS, 0),
            "anger": 1,
            "fear": 1,
            "NF": 1,
            "neutral": 1,
            "happiness": 1,
        },
        undecided=1,
        comparable=3,
        agreeing=2,
    )


def test_a_face_nobody_voted_on_is_undecided():
    some = replace(faces(2), votes=np.zeros((2, 10), np.uint8))
    assert describe(some).ferplus.undecided == 2


def test_without_votes_there_is_no_summary():
    assert describe(faces(3)).ferplus is None


def test_info_is_frozen():
    with pytest.raises(FrozenInstanceError):
        describe(faces(3)).faces = 4


@pytest.mark.real_data
def test_fer2013_is_as_it_is_known(real_data):
    from mien.data import read_faces

    info = describe(read_faces(real_data / "fer2013.tar.gz", ferplus=real_data / "fer2013new.csv"))
    train, validation, *_ = info.splits
    assert train.counts == (3995, 436, 4097, 7215, 4830, 3171, 4965)
    assert validation.counts == (467, 56, 496, 895, 653, 415, 607)
    assert 27_473 <= train.distinct <= 27_475  # some copies lack two of the duplicates
    assert info.overlaps[0] == Overlap("validation", "train", 280)
    assert info.ferplus.majorities["NF"] > 100
