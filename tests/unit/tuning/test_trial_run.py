"""The training of one trial."""

from pathlib import Path

import pytest

from mien.tuning import trial_run
from mien.tuning.study import open_or_create
from mien.tuning.trials import Trial
from tuning_builders import study_info


def test_a_run_records_the_values_of_its_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_run, "new_training", lambda *_, changes, **__: changes)
    study = open_or_create(tmp_path / "study", study_info())
    values = {"optimizer.lr": 0.0625, "augment.rotate": 0.0, "train.batch_size": 16}
    trial = Trial(0, "running", values, None, {}, 0, "", False, tmp_path / "trial")
    assert trial_run._prepared(study, trial, lambda _: (None, None), (), "cpu") == {"optimizer.lr": 0.0625}
