"""Summaries of runs, also of damaged ones."""

import json

import pytest

from mien.metrics import wilson_interval
from mien.run_list.summary import summarize_run
from mien.training.run_folder.lock import locked
from run_builders import finished_run
from training_builders import without_digests


def test_a_finished_run(tmp_path):
    run = finished_run(tmp_path / "a", (0.25, 0.5), recipe_name="fast", changes={"train.seed": 3})
    found = summarize_run(run.path, "group/a")
    assert (found.name, found.state, found.recipe, found.problem) == ("group/a", "finished", "fast", "")
    assert (found.epoch, found.epochs, found.best_epoch, found.seconds) == (2, 2, 2, 4.0)
    assert (found.accuracy, found.loss, found.changes) == (0.5, 1.5, {"train.seed": 3})
    faces = run.info.counts["validation"]
    assert found.interval == wilson_interval(round(faces / 2), faces)
    assert found.created == run.info.created
    assert json.dumps(found.to_dict())


def test_the_best_epoch_is_that_of_the_checkpoint(tmp_path):
    assert summarize_run(finished_run(tmp_path / "a", (0.75, 0.5)).path).best_epoch == 1


def test_a_run_without_all_epochs_is_interrupted_or_running(tmp_path):
    path = finished_run(tmp_path / "a", (0.25,)).path
    assert summarize_run(path).state == "interrupted"
    with locked(path):
        assert summarize_run(path).state == "running"
    assert summarize_run(path).state == "interrupted"


def test_a_run_that_has_not_begun_has_no_accuracy(tmp_path):
    found = summarize_run(finished_run(tmp_path / "a", ()).path)
    assert (found.state, found.epoch, found.accuracy, found.interval) == ("interrupted", 0, None, None)


def test_a_run_of_an_earlier_version_is_no_damaged_one(tmp_path):
    finished_run(tmp_path / "a")
    found = summarize_run(without_digests(tmp_path / "a").path)
    assert (found.state, found.accuracy) == ("finished", 0.5)


def _truncate(path):
    path.write_bytes(path.read_bytes()[:-4])


def _edit(path):
    path.write_text(path.read_text().replace('"tiny"', '"other"'))


DAMAGE = {
    "run.json": (lambda path: path.unlink(), "no run.json"),
    "run.json, empty": (lambda path: path.write_bytes(b""), "run.json: damaged"),
    "run.json, a list": (lambda path: path.write_text("[]"), "run.json: damaged"),
    "run.json, edited": (_edit, "run.json: recipe_name was changed"),
    "run.json, a folder": (lambda path: (path.unlink(), path.mkdir()), "no run.json"),
    "recipe.yaml": (
        lambda path: path.write_text(path.read_text().replace("lr: 0.01", "lr: 0.5")),
        "was edited",
    ),
    "recipe.yaml, none": (lambda path: path.unlink(), "recipe.yaml: missing; resuming the run writes it"),
    "recipe.yaml, no YAML": (lambda path: path.write_bytes(b"\xff{"), "recipe.yaml"),
    "checkpoints/last.safetensors": (_truncate, "last.safetensors: "),
    "checkpoints/best.safetensors": (lambda path: path.unlink(), "best.safetensors: missing"),
    "checkpoints/last.safetensors, zeros": (lambda path: path.write_bytes(bytes(99)), "header is damaged"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_run_has_a_state_and_a_problem(tmp_path, what):
    path = finished_run(tmp_path / "a").path
    damage, problem = DAMAGE[what]
    damage(path / what.partition(",")[0])
    found = summarize_run(path)
    assert found.state == "damaged"
    assert problem in found.problem
    assert "\n" not in found.problem
    assert not found.problem.startswith(str(tmp_path))


def test_what_is_left_of_a_damaged_run_is_shown(tmp_path):
    path = finished_run(tmp_path / "a").path
    (path / "run.json").write_text("{")
    assert summarize_run(path).accuracy == 0.5
