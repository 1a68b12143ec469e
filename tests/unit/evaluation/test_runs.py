"""Predictions of a run: computed once, saved, and computed again when the checkpoint changes."""

from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

import mien.training.inference
from builders import faces, fer_csv, probabilities
from mien.data import read_faces
from mien.errors import DataError
from mien.evaluation.request import Request
from mien.evaluation.runs import checkpoint_digest, predict_split, predictions_of_run
from mien.training.run_folder.checkpoint import BEST
from mien.training.run_folder.history import write_history
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch
from training_builders import tiny_run


def with_repeats(some):
    """Let the first face of validation be the first of training."""
    images = some.images.copy()
    images[8] = images[0]
    return replace(some, images=images)


@pytest.fixture
def calls(monkeypatch):
    """Replace the network; record its calls."""
    calls = []

    def predict(run, images, *, tta, device):
        calls.append((len(images), tta))
        return probabilities(len(images), seed=tta)

    monkeypatch.setattr(mien.training.inference, "probabilities_of", predict)
    return calls


@pytest.fixture
def run(tmp_path):
    path = fer_csv(tmp_path / "fer2013.csv", with_repeats(faces(70)))
    made = tiny_run(tmp_path / "net", source=str(path))
    trained(made, "first")
    return made


def trained(run, digest):
    """Write a checkpoint of which only the digest is read."""
    run.checkpoints.mkdir(exist_ok=True)
    safetensors.numpy.save_file({"w": np.zeros(1)}, run.checkpoints / BEST, metadata={"digest": digest})


def test_predictions_have_what_reports_need(run, calls):
    some = read_faces(run.source)
    found = predict_split(run, some, "validation", tta=False)
    assert calls == [(7, False)]
    assert (found.system, found.split, found.source) == ("net", "validation", run.source)
    assert found.ids.tolist() == some.of_split("validation").ids.tolist()
    assert found.in_training.tolist() == [True] + [False] * 6
    assert (found.checkpoint_digest, found.from_training_data) == ("first", True)


@pytest.mark.parametrize("trained", [True, False])
def test_leakage_warnings_are_about_the_faces_of_the_training_only(run, calls, trained):
    run.info = run.info.model_copy(update={"leakage_warnings": ("One.", "Two.")})
    faces = read_faces(run.source)
    found = predict_split(run, faces, "validation", tta=False, from_training_data=trained)
    assert found.leakage_warnings == (("One.", "Two.") if trained else ())


def test_predictions_are_saved(run, calls):
    first = predictions_of_run(run, Request("test"))
    again = predictions_of_run(RunFolder(run.path), Request("test"))
    assert len(calls) == 1
    np.testing.assert_array_equal(first.predictions.probabilities, again.predictions.probabilities)
    assert (run.path / "predictions" / "test.npz").exists()


def test_predictions_with_tta_are_saved_separately(run, calls):
    assert predictions_of_run(run, Request("test", tta=True)).name == "test-tta"
    assert predictions_of_run(run, Request("test")).name == "test"
    assert calls == [(7, True), (7, False)]


@pytest.mark.parametrize("change", ["trained on", "damaged"])
def test_stale_or_damaged_predictions_are_computed_again(run, calls, change):
    predictions_of_run(run, Request("test"))
    if change == "trained on":
        trained(run, "second")
    else:
        (run.path / "predictions" / "test.npz").write_bytes(b"half")
    predictions_of_run(run, Request("test"))
    assert len(calls) == 2


def test_saved_predictions_need_neither_checkpoint_nor_data(run, calls, tmp_path):
    predictions_of_run(run, Request("test"))
    (run.checkpoints / BEST).unlink()
    (tmp_path / "fer2013.csv").unlink()
    assert len(predictions_of_run(run, Request("test")).predictions) == 7
    assert len(calls) == 1


def test_other_faces_are_predicted_under_another_name(run, calls, tmp_path):
    other = with_repeats(faces(70, seed=1))
    images = other.images.copy()
    images[9] = read_faces(run.source).images[0]
    path = fer_csv(tmp_path / "other set.csv", replace(other, images=images))
    found = predictions_of_run(run, Request("test", data=str(path)))
    assert found.name.startswith("other-set-")
    assert found.name.endswith("-test")
    # Duplicates of what this run was trained on, not of the training split of the other set.
    assert found.predictions.in_training.tolist() == [True] + [False] * 6
    assert not found.predictions.from_training_data
    assert not (run.path / "predictions" / "test.npz").exists()


def test_duplicates_are_unknown_without_the_training_faces(run, calls, tmp_path):
    path = fer_csv(tmp_path / "other.csv", with_repeats(faces(70, seed=1)))
    (tmp_path / "fer2013.csv").unlink()
    assert predictions_of_run(run, Request("validation", data=str(path))).predictions.in_training is None


def test_training_data_may_have_moved(run, calls, tmp_path):
    (tmp_path / "fer2013.csv").rename(tmp_path / "moved.csv")
    found = predictions_of_run(run, Request("validation", data=str(tmp_path / "moved.csv")))
    assert (found.name, found.predictions.from_training_data) == ("validation", True)


def test_all_faces_of_a_source(run, calls):
    found = predictions_of_run(run, Request("all")).predictions
    assert (len(found), found.split) == (70, "all")


def test_a_split_without_faces_is_an_error(run, calls, tmp_path):
    some = faces(70)
    only_training = some.of_split("train")
    path = fer_csv(tmp_path / "train.csv", only_training)
    with pytest.raises(DataError, match="no faces in the split 'test'; its splits are: train"):
        predictions_of_run(run, Request("test", data=str(path)))


def test_other_classes_are_an_error(run, calls):
    with pytest.raises(DataError, match=r"classes cat, dog, but .*net has angry"):
        predict_split(run, faces(20, ("cat", "dog")), "test", tta=False)


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, (9).to_bytes(8, "little") + b"[1, 2, 3]", None])
def test_a_damaged_checkpoint_has_no_digest(run, content):
    path = run.checkpoints / BEST
    assert checkpoint_digest(run) == "first"
    path.unlink() if content is None else path.write_bytes(content)
    assert checkpoint_digest(run) is None


def test_whether_the_training_is_finished_is_not_saved_with_predictions(run, calls):
    assert "epoch 0 of 2" in predictions_of_run(run, Request("validation")).predictions.unfinished
    row = Epoch(1, 0.1, 1.0, 0.5, 1.0, 0.5, 1.0, 100.0)
    write_history([row, row], run.path)
    assert predictions_of_run(run, Request("validation")).predictions.unfinished == ""
    assert len(calls) == 1
