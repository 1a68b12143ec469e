"""Notes on an estimate: the right ones, and no others."""

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.caveats import PRIVATE_TEST, PUBLIC_TEST, caveats, known_faces, of_split
from mien.evaluation.scoring import evaluate


def with_counts(counts, **changes):
    """An evaluation of perfect predictions with so many faces a class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    n = len(labels)
    one_hot = np.eye(len(counts), dtype=np.float32)[labels]
    changes = {"labels": labels, "probabilities": one_hot, "images": None} | changes
    return evaluate(predictions(n, len(counts), **changes))


def correct_with(confidence):
    """Correct probabilities for 70 faces, each with this confidence."""
    rest = (1 - confidence) / 6
    return (
        np.full((70, 7), rest, np.float32)
        + (confidence - rest) * np.eye(7, dtype=np.float32)[np.arange(70) % 7]
    )


BOTH = [a + b for a, b in zip(PUBLIC_TEST, PRIVATE_TEST, strict=True)]


@pytest.mark.parametrize(
    ("counts", "name", "sentence"),
    [
        (PUBLIC_TEST, "FER2013's PublicTest", "compare with PublicTest numbers only"),
        (PRIVATE_TEST, "FER2013's PrivateTest", "72.6 to 73.5"),
        (BOTH, "FER2013's PublicTest and PrivateTest together", "usually used for model selection"),
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
        ({"split": "validation"}, "The checkpoint was selected on the validation split"),
        ({"split": "test"}, "The test split is held out"),
        ({"split": "train"}, "memorization, not generalization"),
        (
            {"split": "validation", "from_training_data": False},
            "'validation'. Whether the system was trained or selected",
        ),
        (
            {"split": "train", "from_training_data": False},
            "'train'. Whether the system was trained or selected",
        ),
        ({"split": "test", "from_training_data": False}, "The test split is held out"),
        ({"leakage_warnings": ("A teacher was trained on them.",)}, "A teacher was trained on them."),
        ({"split": "all"}, "all faces of the source"),
        ({"split": "theirs"}, "'theirs'"),
        ({"source": "synthetic:100"}, "These faces are synthetic"),
        ({"in_training": None}, "training set is unknown"),
        ({"in_training": np.arange(70) < 7}, "7 faces are pixel-identical"),
        ({"in_training": np.arange(70) < 1}, "1 face is pixel-identical"),
        ({"in_training": np.ones(70, np.bool_)}, "All faces are pixel-identical"),
        ({"probabilities": correct_with(0.4)}, "underconfident"),
        ({"probabilities": correct_with(0.4)[::-1].copy()}, "overconfident"),
    ],
)
def test_a_note_for_each_limit(changes, sentence):
    assert sum(sentence in note for note in caveats(evaluate(predictions(**changes)))) == 1


def test_no_note_without_a_reason():
    given = predictions(in_training=np.zeros(70, np.bool_), probabilities=correct_with(1))
    notes = " ".join(caveats(evaluate(given)))
    for words in ("synthetic", "confident", "pixel", "FER2013"):
        assert words not in notes
    assert "paired test" in notes


def test_the_selection_split_of_fer2013_is_named():
    assert any("selected on PublicTest, so" in note for note in caveats(with_counts(PUBLIC_TEST)))


@pytest.mark.parametrize("split", ["train", "all"])
def test_training_faces_are_not_called_duplicates_of_training_faces(split):
    notes = " ".join(caveats(evaluate(predictions(split=split, in_training=np.arange(70) < 60))))
    assert "60 faces are pixel-identical" not in notes
    assert ("60 faces are in the training split" in notes) == (split == "all")


def test_no_note_on_confidence_within_the_sampling_error():
    notes = caveats(evaluate(predictions(probabilities=correct_with(0.96))))  # the interval is 0.948 to 1
    assert not any("confident" in note for note in notes)


def test_a_comparison_that_is_shown_is_not_advised():
    given = evaluate(predictions())
    assert any("use a paired test" in note for note in caveats(given))
    assert not any("use a paired test" in note for note in caveats(given, compared=True))


def test_an_unfinished_training_comes_after_the_split():
    given = evaluate(predictions(unfinished="The training of net is not finished (epoch 1 of 4)."))
    assert caveats(given)[:2] == (of_split(given), given.unfinished)
