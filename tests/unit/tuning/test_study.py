import json
from pathlib import Path

import pytest

from mien.api.study import Study
from mien.errors import RunError
from mien.training.run_folder.info import Source
from mien.tuning.storage import distributions_of, open_storage
from mien.tuning.study import StudyFolder, open_or_create
from mien.tuning.study_file import read_study_info, require_same_study
from training_builders import tiny_run
from tuning_builders import study_info, tiny_study


def test_a_study_is_joined_by_the_same_call(tmp_path: Path) -> None:
    first = open_or_create(tmp_path / "study", study_info())
    second = open_or_create(tmp_path / "study", study_info())
    assert first.info == second.info
    assert first.info.study == second.info.study


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"space": {"optimizer.lr": [0.1, 0.2]}}, "the search space"),
        ({"recipe_name": "fast"}, "the recipe;"),
        ({"source": Source(path="synthetic:200", fingerprint="g")}, "the faces"),
        ({"seed": 1}, "the seed of its proposals"),
        ({"pruning": False}, "pruning"),
        ({"pretrained": "small"}, "the pretrained weights"),
    ],
)
def test_another_study_is_refused(tmp_path: Path, changes: dict, what: str) -> None:
    with pytest.raises(RunError, match=rf"study: this study differs from the requested one in {what}"):
        require_same_study(study_info(), study_info(**changes), tmp_path / "study")


def test_a_moved_data_set_is_the_same_study(tmp_path: Path) -> None:
    moved = study_info(source=Source(path="elsewhere", fingerprint="f"))
    require_same_study(study_info(), moved, tmp_path)
    other = study_info(source=Source(path="elsewhere", fingerprint="g"))
    with pytest.raises(RunError):
        require_same_study(study_info(), other, tmp_path)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(RunError, match="already exists and is not a study"):
        open_or_create(tmp_path, study_info())
    run = tiny_run(tmp_path / "run")
    with pytest.raises(RunError, match="the folder of a training run, expected the folder of a study"):
        StudyFolder(run.path)
    with pytest.raises(RunError, match=r"not a study, there is no study.json"):
        StudyFolder(tmp_path / "nothing")


def test_a_creation_that_was_killed_is_completed(tmp_path: Path) -> None:
    study = open_or_create(tmp_path / "study", study_info())
    (study.path / "study.json").unlink()
    assert open_or_create(study.path, study_info()).trials == ()


def test_a_damaged_record_is_one_line(tmp_path: Path) -> None:
    study = open_or_create(tmp_path / "study", study_info())
    tree = json.loads((study.path / "study.json").read_text())
    (study.path / "study.json").write_text(json.dumps({**tree, "colour": 1}))
    with pytest.raises(RunError, match=r"study.json: damaged, or of another version of mien \(.*colour"):
        read_study_info(study.path)


def test_trials_are_read_as_plain_data(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study")
    trials = study.trials
    assert [one.state for one in trials] == ["complete", "pruned", "complete", "pruned"]
    assert [one.accuracy for one in trials] == [0.5, 0.2, 0.6, 0.25]
    assert [one.epochs for one in trials] == [3, 1, 3, 1]
    assert [one.is_baseline for one in trials] == [True, False, False, False]
    assert trials[0].values == {"optimizer.lr": 0.01, "augment.rotate": 0.0, "train.batch_size": 16}
    assert trials[2].path == study.path / "trials" / "0002"
    assert study.recipe_of(trials[2]).data.validation == "holdout"


def test_values_of_a_range_with_steps_are_those_that_people_write(tmp_path: Path) -> None:
    space = {"network.dense.0.dropout": {"low": 0.0, "high": 0.6, "step": 0.1}}
    study = Study(open_or_create(tmp_path / "study", study_info(space=space)).path)
    storage = open_storage(study.path, study.info)
    for steps in range(6):
        storage.enqueue_trial({"network.dense.0.dropout": steps * 0.1})  # 0.30000000000000004
        storage.ask(distributions_of(study.info.parameters))
    values = [one.values["network.dense.0.dropout"] for one in study.trials]
    assert values == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert study.recipe_of(study.trials[3]).network.dense[0].dropout == 0.3


def test_the_best_recipe_is_validated_as_before_the_study(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study")
    best = study.best_recipe()
    assert best.data.validation == "source"
    assert best.optimizer.lr == study.trials[2].values["optimizer.lr"]
    with pytest.raises(RunError, match="no trial is complete yet"):
        tiny_study(tmp_path / "new", [(0.1,)]).best_recipe()
