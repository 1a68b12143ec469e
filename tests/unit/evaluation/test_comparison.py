"""Paired comparison: faces are matched by id, other faces are refused."""

from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from mien.errors import PredictionsError
from mien.evaluation.comparison import compare


def shuffled(given, seed=0):
    order = np.random.default_rng(seed).permutation(len(given))
    fields = ("probabilities", "labels", "ids", "images", "in_training")
    return replace(given, **{name: getattr(given, name)[order].copy() for name in fields})


def better_and_worse(n=400):
    """One system that is wrong on every tenth face, one that is wrong on every second."""
    labels = np.arange(n) % 3
    one_hot = np.eye(3, dtype=np.float32)
    at = np.arange(n)
    better = predictions(n, 3, probabilities=one_hot[np.where(at % 10 == 0, (labels + 1) % 3, labels)])
    worse = predictions(n, 3, probabilities=one_hot[np.where(at % 2 == 0, (labels + 1) % 3, labels)])
    return replace(better, system="better"), replace(worse, system="worse")


def test_a_clear_difference():
    better, worse = better_and_worse()
    found = compare(better, worse)
    assert (found.accuracy, found.accuracy_against) == (pytest.approx(0.9), pytest.approx(0.5))
    assert found.difference == pytest.approx(0.4)
    assert found.interval[0] < 0.4 < found.interval[1]
    assert (found.only_system_correct, found.only_against_correct) == (160, 0)
    assert found.p_exact < 1e-30
    expected = "better is significantly better than worse on these 400 faces (McNemar's test, p < 0.001)."
    assert found.verdict == expected
    assert compare(worse, better).verdict == found.verdict
    assert compare(worse, better).difference == pytest.approx(-0.4)


def test_no_difference():
    given = predictions()
    found = compare(given, replace(given, system="twin"))
    assert (found.difference, found.p_mid) == (0.0, 1.0)
    assert "not significantly different" in found.verdict
    assert not found.significant


def test_faces_are_joined_by_id():
    better, worse = better_and_worse()
    assert compare(better, shuffled(worse)) == compare(better, worse)


def test_faces_without_common_ids_are_joined_by_order():
    better, worse = better_and_worse()
    renamed = replace(worse, ids=np.char.add("row ", worse.ids))
    assert compare(better, renamed) == compare(better, worse)
    with pytest.raises(PredictionsError, match="different labels"):
        compare(better, shuffled(renamed))


def test_repeated_ids_are_joined_by_order():
    better, worse = better_and_worse()
    same = np.array(["face"] * len(better))
    assert compare(replace(better, ids=same), replace(worse, ids=same)).difference == pytest.approx(0.4)


def test_classes_may_be_numbered_differently():
    given = predictions(classes=("a", "b", "c"))
    turned = replace(
        given,
        classes=("c", "b", "a"),
        labels=2 - given.labels,
        probabilities=given.probabilities[:, ::-1].copy(),
    )
    assert compare(given, turned).difference == 0.0


def test_other_faces_are_refused():
    with pytest.raises(PredictionsError, match="70 faces and guesser has 60"):
        compare(predictions(70), predictions(60))
    with pytest.raises(PredictionsError, match="no label for"):
        compare(predictions(70), predictions(70, labels=np.full(70, -1)))


def test_an_unfinished_training_is_noted():
    better, worse = better_and_worse()
    found = compare(better, replace(worse, unfinished="The training of worse is not finished."))
    assert found.notes == ("The training of worse is not finished.",)
    assert "not finished" in repr(found)
    assert compare(better, worse).notes == ()
