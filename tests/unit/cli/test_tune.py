"""`mien tune` and its commands, without trainings."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from mien.api import tuning
from mien.cli.app import run
from mien.tuning import page
from mien.tuning.lr_range import LrRange
from training_builders import TINY
from tuning_builders import tiny_study


@pytest.fixture(autouse=True)
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_sections", lambda *_: [])
    monkeypatch.setattr(page, "importance_of", lambda *_: None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_options_reach_the_study(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, object] = {}

    def tune(recipe: str, **options: object) -> tuning.Study:
        given.update(options, recipe=recipe)
        return tiny_study(here / "study")

    monkeypatch.setattr(tuning, "tune", tune)
    words = (
        "tune cnn-sgd --data a.csv --space s.yaml --trials 9 --hours 0.5 --epochs 3 --set a.b=1 --no-pruning"
    )
    assert run([*words.split(), "-o", "study", "--proposal-seed", "4"]) == 0
    assert given["recipe"] == "cnn-sgd"
    expected = {
        "data": "a.csv",
        "space": Path("s.yaml"),
        "trials": 9,
        "hours": 0.5,
        "pruning": False,
        "seed": 4,
        "overrides": ["a.b=1", "train.epochs=3"],
        "out": Path("study"),
    }
    assert {key: given[key] for key in expected} == expected
    output = capsys.readouterr()
    assert output.out == f"{here / 'study' / 'index.html'}\n"
    assert f"next: mien train {here / 'study' / 'best.yaml'} --data synthetic:200" in output.err


def test_a_study_is_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = tiny_study(here / "study")
    assert run(["tune", "show", "study"]) == 0
    output = capsys.readouterr()
    assert output.out == "study/index.html\n"
    assert re.search(r"^study: recipe \w+, 4 trials, best accuracy .* 60\.00 % \(trial 2\)", output.err, re.M)
    assert (study.path / "best.yaml").is_file()


def test_a_study_is_resumed(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_study(here / "study")
    given: dict[str, object] = {}
    monkeypatch.setattr(tuning.Study, "resume", lambda self, **options: given.update(options))
    assert run(["tune", "--resume", "study", "--trials", "9"]) == 0
    assert (given["trials"], given["hours"], given["data"]) == (9, None, None)
    assert "no trial was left to train within this budget" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "tune tiny.yaml --data synthetic:70 --space space.yaml",
            "tuning needs a budget: pass --trials or --hours",
        ),
        ("tune tiny.yaml --data synthetic:70 --trials 3", "tuning needs a search space: pass --space"),
        ("tune tiny.yaml --space space.yaml --trials 3", "pass --data with a CSV"),
        ("tune tiny.yaml --data synthetic:70 --space nothing.yaml --trials 3", "nothing.yaml: can't read"),
        (
            "tune tiny.yaml --data synthetic:70 --space bad.yaml --trials 3",
            "bad.yaml: unknown key 'optimizer.lrr'",
        ),
        ("tune tiny.yaml --resume study --trials 3", "recipe tiny.yaml: a study that is resumed keeps"),
        ("tune --resume study --trials 3", "study: not a study, there is no study.json"),
        ("tune show tiny.yaml", "tiny.yaml: this is a recipe, expected the folder of a study"),
        ("tune lr tiny.yaml --data synthetic:70 --low 1 --high 0.1", "expected low below high"),
    ],
)
def test_a_mistake_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    (here / "tiny.yaml").write_text(yaml.safe_dump(TINY.model_dump(mode="json")))
    (here / "space.yaml").write_text("optimizer.lr: {low: 0.01, high: 0.1}\n")
    (here / "bad.yaml").write_text("optimizer.lrr: {low: 0.01, high: 0.1}\n")
    before = sorted(here.iterdir())
    assert run(words.split()) == 2
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    assert message in output.err
    assert sorted(here.iterdir()) == before


def test_learning_rates_are_tested(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lrs = np.geomspace(1e-3, 1, 40)
    found = LrRange(tuple(lrs), tuple((np.log10(lrs) + 1) ** 2 + 1), 0.1, "sgd")
    monkeypatch.setattr(tuning, "lr_range", lambda recipe, **_: found)
    assert run(["tune", "lr", "fast", "--data", "a.csv", "-o", "lr.png"]) == 0
    output = capsys.readouterr()
    assert output.out == f"{found.suggestion:g}\n"
    assert "the recipe has 0.1; figure: lr.png" in output.err
    assert (here / "lr.png").read_bytes().startswith(b"\x89PNG")


def test_ctrl_c_says_how_to_continue(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tiny_study(here / "study")

    def resume(self: tuning.Study, **options: object) -> None:
        options["progress"].on_trial_start(study, study.trials[1], resumed=True)  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(tuning.Study, "resume", resume)
    assert run(["tune", "--resume", "study", "--trials", "9"]) == 130
    error = capsys.readouterr().err
    assert "trial 1 is continued: optimizer.lr=" in error
    assert f"stopped; continue with: mien tune --resume {study.path} --trials 9" in error
