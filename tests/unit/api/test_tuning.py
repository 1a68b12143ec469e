"""Tuning from Python: a study of two short trials, and mistakes that leave nothing behind."""

from pathlib import Path
from typing import Any

import pytest

import mien
from builders import faces, fer_csv
from mien.errors import DataError, MienError, RecipeError, RunError
from training_builders import TINY
from tuning_builders import tiny_study

SPACE = {"optimizer.lr": {"low": 0.001, "high": 0.1, "log": True}}
OPTIONS: dict[str, Any] = {"space": SPACE, "overrides": {"train.epochs": 1}, "device": "cpu"}


def test_a_study_holds_out_training_faces_and_its_trials_are_runs(tmp_path: Path) -> None:
    data, out = fer_csv(tmp_path / "fer2013.csv", faces(140)), tmp_path / "study"
    study = mien.tune(TINY, data=data, out=out, trials=1, **OPTIONS)
    study = mien.tune(TINY, data=data, out=out, trials=2, **OPTIONS)
    assert [one.state for one in study.trials] == ["complete", "complete"]
    given, run = mien.read_faces(data), study.run(1)
    assert type(run) is mien.Run
    assert run.info.held_out
    counts = {split: int(given.in_split(split).sum()) for split in ("train", "validation", "test")}
    assert run.info.counts["test"] == counts["validation"] + counts["test"]
    assert run.info.counts["train"] + run.info.counts["validation"] == counts["train"]
    assert run.recipe.optimizer.lr == study.trials[1].values["optimizer.lr"]
    best = study.best
    assert best is not None
    assert study.run(best).evaluate(device="cpu").accuracy == pytest.approx(best.accuracy)
    assert "2 trials, best accuracy on the hold-out" in repr(study)


def test_faces_in_memory_are_given_again(tmp_path: Path) -> None:
    some = faces(140)
    study = mien.tune(TINY, data=some, out=tmp_path / "study", trials=1, **OPTIONS)
    with pytest.raises(DataError, match="a FaceSet in memory"):
        study.resume(trials=2, device="cpu")
    assert len(study.resume(data=some, trials=2, device="cpu").trials) == 2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, RunError, r"tuning needs a budget: pass trials=\.\.\. or hours=\.\.\."),
        ({"trials": 0}, RunError, "trials=0, expected a whole number, 1 to"),
        ({"trials": 1, "space": None}, RunError, r"tuning needs a search space: pass space=\.\.\."),
        (
            {"trials": 1, "space": {"optimizer.lrr": [1, 2]}},
            RecipeError,
            "space: unknown key 'optimizer.lrr'",
        ),
        ({"trials": 1, "data": None}, RunError, r"pass data=\.\.\. with a CSV"),
        ({"trials": 1, "callbacks": [3]}, RunError, "type int, expected a mien.Callback"),
        ({"trials": 1, "progress": 3}, RunError, "progress=3, expected an instance"),
        ({"trials": 1, "out": Path(__file__).parent}, RunError, "is not a study"),
    ],
)
def test_mistakes_leave_no_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict, error: type[MienError], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        mien.tune(TINY, **{"data": "synthetic:70", **OPTIONS, **options})
    assert list(tmp_path.iterdir()) == []


def test_trials_as_a_data_frame(tmp_path: Path) -> None:
    frame = tiny_study(tmp_path / "study").to_frame()
    assert list(frame.columns[:5]) == ["trial", "state", "accuracy", "epochs", "seconds"]
    assert list(frame["accuracy"]) == [0.5, 0.2, 0.6, 0.25]


def test_a_trial_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no trial 9; it has 4"):
        tiny_study(tmp_path / "study").run(9)


def test_a_range_of_learning_rates_is_checked() -> None:
    with pytest.raises(RunError, match=r"low is 1 and high 0.1; expected low below high"):
        mien.lr_range(TINY, data="synthetic:70", low=1, high=0.1)
