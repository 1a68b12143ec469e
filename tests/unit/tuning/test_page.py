from pathlib import Path

import pytest
import yaml

from mien.config import read_recipe
from mien.tuning import page
from mien.tuning.page import write_study_report
from mien.tuning.statistics import Importance, selection_optimism
from training_builders import tiny_run
from tuning_builders import tiny_study


@pytest.fixture(autouse=True)
def no_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are tested elsewhere."""
    monkeypatch.setattr(page, "png", lambda figure: b"png")
    monkeypatch.setattr(page, "inline_svg", lambda figure, name, title: f"<svg>{name}</svg>")
    monkeypatch.setattr(page, "importance_of", lambda *_: Importance({"optimizer.lr": 1.0}, None, 9))


def test_the_report_states_how_many_trials_chose(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study")
    tiny_run(study.path / "trials" / "0002")
    text = write_study_report(study).read_text()
    counts = page._faces_of(study.trials[2])
    optimism = 100 * selection_optimism(0.6, counts["validation"], 4)
    assert "The best of 4 trials was selected on" in text
    assert f"by up to {optimism:.1f} points" in text
    assert "60.00 %" in text
    assert "the best has 10.00 points more" in text
    assert "These faces are synthetic" in text
    for name in ("history", "epochs", "parallel_coordinates", "importance", "values"):
        assert f"<svg>{name}</svg>" in text
        assert (study.path / f"{name}.png").read_bytes() == b"png"
    assert "http" not in text.replace("http://www.w3.org", "")


def test_the_best_recipe_is_a_recipe(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study")
    write_study_report(study)
    path = study.path / "best.yaml"
    assert path.read_text().startswith(
        "# tiny, tuned: the best of 4 trials of the study study.\n# Trial 2: 60.00 %"
    )
    assert read_recipe(path) == study.best_recipe()
    assert not {"cost", "result"} & yaml.safe_load(path.read_text()).keys()


def test_all_trials_are_in_the_table(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study", [(0.1, 0.2, 0.3), *[(0.1,)] * 40])
    text = write_study_report(study).read_text()
    lines = (study.path / "trials.csv").read_text().splitlines()
    assert (
        lines[0] == "trial,state,accuracy,epochs,seconds,optimizer.lr,augment.rotate,train.batch_size,reason"
    )
    assert lines[1] == "0,complete,0.300000,3,6.0,0.01,0.0,16,"
    assert len(lines) == 42
    assert "The 30 best of 41 trials" in text


def test_a_study_that_has_just_begun_has_a_page(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study", [])
    assert "No trial is complete yet" in write_study_report(study).read_text()
    assert not (study.path / "best.yaml").exists()
