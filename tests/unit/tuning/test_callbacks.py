from pathlib import Path
from types import SimpleNamespace

import pytest

from mien.training.callbacks import TrainingStatus
from mien.training.run_folder.state import Epoch
from mien.tuning import callbacks
from mien.tuning.callbacks import TIME_REASON, ReportToStudy, TimeBudget
from mien.tuning.storage import open_storage
from training_builders import tiny_recipe
from tuning_builders import tiny_study


def row(number: int, accuracy: float) -> Epoch:
    return Epoch(number, 0.1, 1.0, 0.5, 1.0, accuracy, 2.0, 100.0)


def test_epochs_are_reported_once_also_after_a_kill_or_a_recovery(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study", [])
    trial = open_storage(study.path, study.info).ask()
    trial.report(0.1, 1)
    report, status = ReportToStudy(trial), TrainingStatus(tmp_path, tiny_recipe("train.epochs=3"))
    status.history = (row(1, 0.1), row(2, 0.2))
    report.on_train_start(status)
    report.on_epoch_end(status, row(2, 0.9))
    report.on_epoch_end(status, row(3, 0.3))
    assert study.trials[0].accuracies == {1: 0.1, 2: 0.2, 3: 0.3}
    assert not report.is_pruned


def test_the_last_epoch_is_not_pruned(tmp_path: Path) -> None:
    trial = SimpleNamespace(
        number=9, _trial_id=0, report=lambda *_: None, should_prune=lambda: True,
        storage=SimpleNamespace(get_trial=lambda _: SimpleNamespace(intermediate_values={})),
    )  # fmt: skip
    report, status = ReportToStudy(trial), TrainingStatus(tmp_path, tiny_recipe("train.epochs=2"))  # type: ignore[arg-type]
    report.on_epoch_end(status, row(2, 0.5))
    assert not status.stop_requested
    report.on_epoch_end(status, row(1, 0.5))
    assert status.stop_requested
    assert report.is_pruned


def test_the_time_ends_a_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = TrainingStatus(tmp_path, tiny_recipe())
    now = 99.0
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: now)
    TimeBudget(None).on_batch_end(status, None)  # type: ignore[arg-type]
    budget = TimeBudget(100.0)
    budget.on_batch_end(status, None)  # type: ignore[arg-type]
    assert not status.stop_requested
    now = 100.0
    budget.on_batch_end(status, None)  # type: ignore[arg-type]
    assert status.stop_reason == TIME_REASON
