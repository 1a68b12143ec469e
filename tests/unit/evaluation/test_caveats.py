"""The sentences beside the number: the right ones, and no others."""

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.caveats import PRIVATE_TEST, PUBLIC_TEST, caveats, known_faces
from mien.evaluation.evaluation import evaluate


def with_counts(counts, **changes):
    """An evaluation of perfect predictions with so many faces a class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    n = len(labels)
    answers = np.eye(len(counts), dtype=np.float32)[labels]
    changes = {"labels": labels, "probabilities": answers, "faces": None} | changes
    return evaluate(predictions(n, len(counts), **changes))


def answers_of(confidence):
    """What is right about all of 70 faces, each time with this confidence."""
    rest = (1 - confidence) / 6
    return (
        np.full((70, 7), rest, np.float32)
        + (confidence - rest) * np.eye(7, dtype=np.float32)[np.arange(70) % 7]
    )


BOTH = [a + b for a, b in zip(PUBLIC_TEST, PRIVATE_TEST, strict=True)]


@pytest.mark.parametrize(
    ("counts", "name", "sentence"),
    [
        (PUBLIC_TEST, "FER2013's PublicTest", "compare it with PublicTest numbers only"),
        (PRIVATE_TEST, "FER2013's PrivateTest", "72.6 to 73.5"),
        (BOTH, "FER2013's PublicTest and PrivateTest together", "same mixture"),
    ],
)
def test_the_splits_of_fer2013_are_known_by_their_counts(counts, name, sentence):
    found = with_counts(counts)
    assert known_faces(found) == name
    assert sum(sentence in note for note in caveats(found)) == 1


@pytest.mark.parametrize("counts", [(1, 2, 3, 4, 5, 6, 7), (491, 55, 528, 879, 594, 416)])
def test_other_faces_are_not(counts):
    assert known_faces(with_counts(counts)) is None


def test_counts_of_the_published_splits():
    assert sum(PUBLIC_TEST) == sum(PRIVATE_TEST) == 3589


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"split": "validation"}, "The validation split chose the checkpoint"),
        ({"split": "test"}, "The test split only measures"),
        ({"split": "train"}, "how much was memorized"),
        ({"split": "validation", "own": False}, "'validation'; how much of this system it trained or chose"),
        ({"split": "train", "own": False}, "'train'; how much of this system it trained or chose"),
        ({"split": "test", "own": False}, "The test split only measures"),
        ({"leakage_warnings": "Its teacher knew them."}, "Its teacher knew them."),
        ({"split": "all"}, "all faces of the source"),
        ({"split": "theirs"}, "'theirs'"),
        ({"source": "synthetic:100"}, "drawn by a program"),
        ({"seen": None}, "is not known"),
        ({"seen": np.arange(70) < 7}, "7 of the faces are pixel for pixel"),
        ({"seen": np.ones(70, np.bool_)}, "measures memory"),
        ({"probabilities": answers_of(0.4)}, "under-confident"),
        ({"probabilities": answers_of(0.4)[::-1].copy()}, "over-confident"),
    ],
)
def test_a_sentence_for_each_limit(changes, sentence):
    assert sum(sentence in note for note in caveats(evaluate(predictions(**changes)))) == 1


def test_no_sentence_where_nothing_is_wrong():
    given = predictions(seen=np.zeros(70, np.bool_), probabilities=answers_of(1))
    notes = " ".join(caveats(evaluate(given)))
    for words in ("synthetic", "confident", "pixel", "FER2013"):
        assert words not in notes
    assert "face by face" in notes
