"""Predictions: invalid ones are refused."""

from dataclasses import replace

import numpy as np
import pytest

from builders import faces, predictions, probabilities
from mien.errors import PredictionsError
from mien.predictions import predictions_for

FIELDS = ("probabilities", "labels", "ids", "images", "in_training")


def changed_row(row):
    given = probabilities(70)
    given[3] = row
    return given


def test_arrays_are_read_only():
    made = predictions()
    for name in FIELDS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(made, name)[0] = 0


def test_predicted_classes_and_confidence():
    made = predictions(3, ("no", "yes"), probabilities=np.float32([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]]))
    assert made.labels.tolist() == [0, 1, 0]
    assert made.predicted.tolist() == [1, 0, 0]
    assert made.confidence.tolist() == pytest.approx([0.8, 0.5, 0.9])
    assert made.correct.tolist() == [False, False, True]
    assert len(made) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"probabilities": changed_row([0.5] * 7)}, "row 3 is not a distribution"),
        ({"probabilities": changed_row([np.nan] + [1 / 6] * 6)}, "row 3 is not a distribution: nan"),
        ({"probabilities": changed_row([np.inf] + [0] * 6)}, "row 3 is not a distribution: inf"),
        ({"probabilities": changed_row([-0.5, 1.5, 0, 0, 0, 0, 0])}, "row 3 is not a distribution: -0.5"),
        ({"probabilities": probabilities(69)}, r"probabilities of shape \(69, 7\)"),
        ({"probabilities": probabilities(70, 6)}, r"probabilities of shape \(70, 6\)"),
        ({"probabilities": probabilities(70).astype(np.float64)}, "type float64"),
        ({"labels": np.full(70, 7)}, r"a label outside 0\.\.6"),
        ({"labels": np.full(70, -2)}, r"a label outside 0\.\.6"),
        ({"labels": np.zeros(70, np.int32)}, "type int32"),
        ({"ids": np.arange(70)}, "ids"),
        ({"ids": np.array(["a"] * 69)}, "ids"),
        ({"classes": ("a", "a", "b", "c", "d", "e", "f")}, "different names"),
        ({"in_training": np.zeros(69, np.bool_)}, "in_training"),
        ({"in_training": np.zeros(70, np.int64)}, "in_training"),
        ({"images": np.zeros((70, 5, 6), np.uint8)}, "images"),
        ({"images": np.zeros((70, 5, 5))}, "images"),
        ({"images": np.zeros((70, 5, 5, 4), np.uint8)}, "images"),
        ({"images": np.zeros(70, np.uint8)}, "images"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(PredictionsError, match=message):
        replace(predictions(), **changes)


def test_the_predictions_of_some_faces_keep_all_that_is_known_of_them():
    given = replace(
        predictions(),
        in_training=np.arange(70) < 10,
        doubtful=np.arange(70) % 2 == 0,
        images=faces(70).images,
    )
    positions = np.array([41, 8, 3])
    found = given.take(positions)
    for name in (*FIELDS, "doubtful"):
        np.testing.assert_array_equal(getattr(found, name), getattr(given, name)[positions])
    assert (found.system, found.split) == (given.system, given.split)
    mask = np.zeros(70, np.bool_)
    mask[:4] = True
    assert given.take(mask).ids.tolist() == given.ids[:4].tolist()


def test_half_precision_is_close_enough_to_one():
    given = probabilities(70).astype(np.float16).astype(np.float32)
    assert len(predictions(probabilities=given)) == 70


def test_predictions_for_takes_labels_and_names_from_the_faces():
    some = faces(10)
    made = predictions_for(some, probabilities(10).astype(np.float64), split="test", system="net")
    assert made.images is some.images
    assert (made.classes, made.source, made.split, made.system) == (some.classes, some.source, "test", "net")
    with pytest.raises(PredictionsError, match=r"expected \(10, 7\)"):
        predictions_for(some, probabilities(9), split="test", system="net")
