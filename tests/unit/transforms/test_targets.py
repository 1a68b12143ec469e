from dataclasses import replace

import numpy as np
import pytest

from builders import faces
from mien.config.data import Data
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, FERPLUS_COLUMNS
from mien.transforms.targets import one_hot, target_distributions


def voted(*votes: dict[str, int]) -> FaceSet:
    rows = [[ballot.get(column, 0) for column in FERPLUS_COLUMNS] for ballot in votes]
    return replace(faces(len(votes)), votes=np.array(rows, np.uint8))


def test_labels_become_certain_distributions() -> None:
    found = target_distributions(faces(7), Data())
    np.testing.assert_array_equal(found, np.eye(7, dtype=np.float32))


def test_an_unlabeled_face_has_an_empty_row() -> None:
    found = one_hot(np.array([1, -1]), 3)
    assert found.tolist() == [[0, 1, 0], [0, 0, 0]]


def test_votes_are_shared_over_the_seven_emotions_only() -> None:
    found = target_distributions(voted({"anger": 3, "sadness": 1, "contempt": 6}), Data(targets="votes"))
    assert dict(zip(EMOTIONS, found[0].tolist(), strict=True)) == {
        "angry": 0.75, "disgust": 0, "fear": 0, "happy": 0, "sad": 0.25, "surprise": 0, "neutral": 0,
    }  # fmt: skip


def test_majority_takes_the_most_voted_emotion() -> None:
    found = target_distributions(voted({"fear": 4, "surprise": 5, "NF": 1}), Data(targets="majority"))
    assert EMOTIONS[found[0].argmax()] == "surprise"
    assert found[0].sum() == 1


@pytest.mark.parametrize("targets", ["votes", "majority"])
def test_a_face_voted_no_emotion_cannot_be_learned_from(targets: str) -> None:
    found = target_distributions(voted({"NF": 9, "unknown": 1}), Data(targets=targets))
    assert found.sum() == 0


@pytest.mark.parametrize("some", [faces(3), replace(faces(3, 4), votes=np.zeros((3, 10), np.uint8))])
def test_votes_need_ferplus_and_the_seven_emotions(some: FaceSet) -> None:
    with pytest.raises(DataError, match="ferplus="):
        target_distributions(some, Data(targets="votes"))
