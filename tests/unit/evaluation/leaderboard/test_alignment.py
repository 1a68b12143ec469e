"""Predictions of several systems on the same faces."""

from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from mien.errors import PredictionsError
from mien.evaluation.leaderboard.alignment import aligned


def part(given, rows, **changes):
    names = ("probabilities", "labels", "ids", "images", "in_training")
    return replace(given, **{name: getattr(given, name)[rows].copy() for name in names}, **changes)


def test_faces_that_a_system_lacks_are_left_out_for_all():
    whole = predictions()
    few = part(whole, np.array([9, 3, 5]), system="few")
    for found in (aligned([whole, few]), aligned([few, whole])):
        assert [one.ids.tolist() for one in found] == [whole.ids[[3, 5, 9]].tolist()] * 2
        np.testing.assert_array_equal(found[0].probabilities, found[1].probabilities)


def test_classes_in_another_order():
    given = predictions(classes=("a", "b", "c"))
    columns = [2, 0, 1]
    turned = replace(
        given,
        classes=("c", "a", "b"),
        probabilities=given.probabilities[:, columns].copy(),
        labels=np.argsort(columns)[given.labels],
        system="turned",
    )
    first, second = aligned([given, turned])
    assert second.classes == ("a", "b", "c")
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.probabilities, second.probabilities)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": tuple("abcdefg")}, "a comparison needs the same classes"),
        ({"labels": np.roll(np.arange(70) % 7, 1)}, "different labels for 70 of 70 faces"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_line(change, message):
    given = predictions()
    with pytest.raises(PredictionsError, match=message):
        aligned([given, replace(given, system="rival", **change)])


def test_other_faces_are_refused():
    others = predictions(60, ids=np.array([f"x{row}" for row in range(60)]))
    with pytest.raises(PredictionsError, match="70 faces and guesser has 60 with other ids"):
        aligned([predictions(), others])
