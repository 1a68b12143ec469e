"""Predictions: invalid ones are refused, and a file holds all of them."""

from dataclasses import replace

import numpy as np
import pytest

from builders import faces, predictions, probabilities
from mien.errors import PredictionsError
from mien.evaluation.predictions import predictions_for, read_predictions, write_predictions

FIELDS = ("probabilities", "labels", "ids", "images", "in_training")
OTHERS = (
    "classes",
    "split",
    "source",
    "system",
    "checkpoint_digest",
    "from_training_data",
    "leakage_warnings",
)


def changed_row(row):
    given = probabilities(70)
    given[3] = row
    return given


@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("missing", [(), ("images",), ("in_training",), ("images", "in_training")])
@pytest.mark.parametrize("warnings", [(), ("One.", "Two.")])
def test_a_file_holds_everything(tmp_path, missing, trained, warnings):
    made = predictions(
        checkpoint_digest="abc",
        from_training_data=trained,
        leakage_warnings=warnings,
        **dict.fromkeys(missing),
    )
    write_predictions(tmp_path / "some" / "validation.npz", made)
    read = read_predictions(tmp_path / "some" / "validation.npz")
    for name in FIELDS:
        expected, found = getattr(made, name), getattr(read, name)
        assert (expected is None) == (found is None)
        if expected is not None:
            np.testing.assert_array_equal(expected, found)
            assert expected.dtype == found.dtype
    assert [getattr(read, name) for name in OTHERS] == [getattr(made, name) for name in OTHERS]


def test_a_file_of_an_earlier_version_is_one_clear_line(tmp_path):
    path = tmp_path / "old.npz"
    np.savez(path, format=np.array("mien predictions 1"), probabilities=probabilities(3))
    with pytest.raises(PredictionsError, match=r"another version of mien .*; predict again"):
        read_predictions(path)


def test_color_images(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (70, 5, 5, 3), np.uint8)
    write_predictions(tmp_path / "color.npz", predictions(images=images))
    np.testing.assert_array_equal(read_predictions(tmp_path / "color.npz").images, images)


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


def damaged(path, how):
    write_predictions(path, predictions())
    content = path.read_bytes()
    path.write_bytes(how(content))


@pytest.mark.parametrize(
    "how",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:200] + bytes(400) + content[600:],
        lambda content: b"emotion,pixels\n0,1 2 3\n",
        lambda content: b"\x80\x04\x95",
    ],
)
def test_a_damaged_file_is_one_clear_line(tmp_path, how):
    path = tmp_path / "validation.npz"
    damaged(path, how)
    with pytest.raises(PredictionsError, match=r"validation\.npz: damaged") as caught:
        read_predictions(path)
    assert "\n" not in str(caught.value)


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, probabilities=probabilities(3))
    with pytest.raises(PredictionsError, match="not predictions of mien"):
        read_predictions(path)
    np.savez(path, format=np.array("mien predictions 2"), probabilities=probabilities(3))
    with pytest.raises(PredictionsError, match="'labels' is missing"):
        read_predictions(path)
    np.savez(path, format=np.array([None], object))
    with pytest.raises(PredictionsError, match="damaged"):
        read_predictions(path)
    np.save(tmp_path / "bare.npy", probabilities(3))
    with pytest.raises(PredictionsError, match="damaged"):
        read_predictions(tmp_path / "bare.npy")


@pytest.mark.parametrize("name", ["nowhere.npz", "."])
def test_no_such_file(tmp_path, name):
    with pytest.raises(PredictionsError, match="can't read predictions"):
        read_predictions(tmp_path / name)


def test_a_path_may_be_a_string(tmp_path):
    write_predictions(tmp_path / "some.npz", predictions())
    assert len(read_predictions(str(tmp_path / "some.npz"))) == len(predictions())
