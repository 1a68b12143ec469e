"""What trackers get at the end of a training."""

import logging

import pytest

from builders import faces
from mien.errors import BundleError
from mien.evaluation.scoring import evaluate
from mien.predictions_file import read_predictions
from mien.tracking.results import results_of
from mien.training.callbacks import Callback
from mien.training.runner import train_run
from training_builders import begin


class End(Callback):
    """Keeps the status of a training."""

    def on_train_end(self, status, error):
        self.status = status


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    end = End()
    train_run(begin(tmp_path_factory.mktemp("results") / "run", faces(70), ["train.epochs=1"], end))
    return end.status


@pytest.fixture(autouse=True)
def exported(monkeypatch):
    """Write a text instead of a bundle, which takes seconds, and keep what was exported."""
    calls = []

    def export(parts, out, *, tta):
        calls.append((parts[0].path, out, tta))
        out.write_text("bundle")

    monkeypatch.setattr("mien.exporting.export.export_bundle", export)
    return calls


def test_the_best_checkpoint_is_evaluated_on_faces_in_memory_and_the_report_uses_it(trained):
    found = results_of(trained, figures=False, checkpoint=False, bundle=False)
    saved = evaluate(read_predictions(trained.path / "predictions" / "validation.npz"))
    assert found.metrics["best/accuracy"] == saved.accuracy
    assert (found.metrics["best/accuracy_low"], found.metrics["best/accuracy_high"]) == saved.interval
    assert found.metrics["best/macro_f1"] == saved.macro_f1
    assert found.images == {}
    assert list(found.files) == ["recipe.yaml", "run.json"]


def test_figures_are_drawn_once_for_several_trackers(trained):
    first = results_of(trained, figures=True, checkpoint=False, bundle=False).images
    assert list(first)[:2] == ["confusion_matrix", "examples"]
    assert all(png.startswith(b"\x89PNG") for png in first.values())
    assert results_of(trained, figures=True, checkpoint=False, bundle=False).images is first


def test_checkpoint_and_bundle_are_files(trained, exported):
    path = trained.path / "run.onnx"
    for _ in range(2):  # the second time the bundle is there
        found = results_of(trained, figures=False, checkpoint=True, bundle=True)
        assert found.files["checkpoints/best.safetensors"].is_file()
        assert found.files["bundle/run.onnx"] == path
    assert exported == [(trained.path, path, False)]


def test_no_bundle_is_exported_of_a_training_that_is_not_complete(trained, exported):
    longer = trained.recipe.model_copy(
        update={"train": trained.recipe.train.model_copy(update={"epochs": 9})}
    )
    unfinished = type(trained)(trained.path, longer, history=trained.history, faces=trained.faces)
    assert "bundle/run.onnx" not in results_of(unfinished, figures=False, checkpoint=False, bundle=True).files
    assert exported == []


def test_a_bundle_that_cannot_be_exported_is_a_warning(trained, caplog, monkeypatch):
    def refuse(*_, **__):
        raise BundleError("differs")

    (trained.path / "run.onnx").unlink(missing_ok=True)
    monkeypatch.setattr("mien.exporting.export.export_bundle", refuse)
    with caplog.at_level(logging.WARNING):
        found = results_of(trained, figures=False, checkpoint=False, bundle=True)
    assert "no bundle was exported for tracking: differs" in caplog.text
    assert "bundle/run.onnx" not in found.files
