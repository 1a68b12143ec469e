from dataclasses import replace

import numpy as np
import pytest

import mien
from builders import faces, fer_csv
from mien.errors import PredictionsError, RunError
from mien.predictions import predictions_for
from mien.predictions_file import write_predictions
from mien.training.soft_targets.stacking import stacked_probabilities


@pytest.fixture
def source(tmp_path):
    return fer_csv(tmp_path / "faces.csv", faces(60))


def made(source, seed=0, **changes):
    read = mien.read_faces(source).of_split("train")
    shares = np.random.default_rng(seed).dirichlet(np.ones(len(read.classes)), len(read))
    found = predictions_for(read, shares, split="out-of-fold", system=f"system {seed}")
    return replace(found, images=None, **changes)


def test_the_stack_has_the_faces_of_the_predictions_in_their_order(source, tmp_path):
    first, second = made(source, 0), made(source, 1)
    backwards = replace(
        second, **{name: getattr(second, name)[::-1].copy() for name in ("probabilities", "labels", "ids")}
    )
    write_predictions(tmp_path / "second.npz", backwards)
    found = mien.stack([first, tmp_path / "second.npz"], source, folds=2)
    assert np.array_equal(found.ids, first.ids)
    assert np.array_equal(found.labels, first.labels)
    assert (found.system, found.split) == ("system 0 + system 1", "out-of-fold")
    assert np.array_equal(found.probabilities, mien.stack([first, second], source, folds=2).probabilities)


def test_one_system_needs_no_list(source):
    assert len(mien.stack(made(source), mien.read_faces(source), folds=2)) == len(made(source))


def test_predictions_of_other_faces_or_classes_are_refused(source, tmp_path):
    first = made(source)
    with pytest.raises(PredictionsError, match="other faces than those of system 0"):
        mien.stack([first, replace(made(source, 1), ids=first.ids[::-1] + "x")], source)
    with pytest.raises(PredictionsError, match=r"missing in .*faces\.csv"):
        mien.stack(replace(first, ids=first.ids + "x"), source)
    renamed = tuple(f"class {name}" for name in first.classes)
    with pytest.raises(PredictionsError, match="classes class angry"):
        mien.stack(replace(first, classes=renamed), source)
    with pytest.raises(PredictionsError, match="no predictions"):
        mien.stack([], source)


def test_a_face_set_has_its_own_votes(source):
    with pytest.raises(RunError, match="a FaceSet has its own votes"):
        mien.stack(made(source), mien.read_faces(source), ferplus="fer2013new.csv")


def test_predictions_of_another_data_set_with_the_same_ids_are_refused(source):
    first = made(source)
    other = replace(first, labels=(first.labels + 1) % 7)
    with pytest.raises(PredictionsError, match=rf"another label in .* {len(first)} of {len(first)} faces"):
        mien.stack(other, source)


def test_a_system_that_was_trained_on_the_faces_is_named(source, caplog):
    first, second = made(source), made(source, 1)
    trained = replace(second, in_training=np.arange(len(second)) < 3)
    assert len(mien.stack([first, trained], source, folds=2)) == len(first)
    (warning,) = caplog.messages
    assert warning.startswith(f"system 1 was trained on 3 of {len(first)} faces")


def test_an_id_that_occurs_twice_is_refused(source):
    first = made(source)
    ids = first.ids.copy()
    ids[1] = ids[0]
    with pytest.raises(PredictionsError, match="an id occurs twice"):
        mien.stack(replace(first, ids=ids), source)


def test_labels_of_the_other_splits_are_not_learned(source, monkeypatch):
    read = mien.read_faces(source)
    shares = np.full((len(read), 7), 1 / 7)
    given = predictions_for(read, shares, split="out-of-fold", system="all")
    learned = []

    def spy(features, labels, folds, classes, **kwargs):
        learned.append(labels)
        return stacked_probabilities(features, labels, folds, classes, **kwargs)

    monkeypatch.setattr("mien.training.soft_targets.stacking.stacked_probabilities", spy)
    mien.stack(given, read, folds=2)
    train = read.in_split("train")
    assert np.array_equal(learned[0][train], read.labels[train])
    assert (learned[0][~train] == -1).all()


def test_an_error_names_the_file(source, tmp_path):
    first = made(source)
    write_predictions(tmp_path / "other.npz", replace(first, labels=(first.labels + 1) % 7))
    with pytest.raises(PredictionsError, match=r"other\.npz: another label"):
        mien.stack([first, tmp_path / "other.npz"], source)


def test_predicted_classes_without_probabilities_are_refused(source, tmp_path):
    bare = made(source, 1, only_classes=True)
    write_predictions(tmp_path / "bare.npz", bare)
    problem = r"bare\.npz: predicted classes without probabilities, which stacking needs"
    with pytest.raises(PredictionsError, match=problem):
        mien.stack([made(source), tmp_path / "bare.npz"], source, folds=2)


def test_too_few_labeled_faces_are_refused(source):
    read = mien.read_faces(source)
    only = made(source)
    two = {name: getattr(only, name)[:2] for name in ("probabilities", "labels", "ids")}
    with pytest.raises(PredictionsError, match="2 labeled faces among the predictions, too few"):
        mien.stack(replace(only, in_training=None, **two), read, folds=2)
