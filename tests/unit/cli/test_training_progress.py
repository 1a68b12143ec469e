import io
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console

import mien.cli.training_progress as progress_module
from mien.cli.training_progress import ConsoleProgress
from mien.training.callbacks import Batch, TrainingStatus
from mien.training.run_folder.state import Epoch
from training_builders import tiny_recipe

ROW = Epoch(1, 0.1, 1.5, 0.25, 1.25, 0.5, 12.0, 900.0)


def status() -> TrainingStatus:
    return TrainingStatus(Path("runs/tiny"), tiny_recipe("train.epochs=3"))


def shown(*, terminal: bool, quiet: bool = False, error: BaseException | None = None) -> str:
    stream = io.StringIO()
    progress = ConsoleProgress(Console(file=stream, force_terminal=terminal, width=120, quiet=quiet))
    now = status()
    progress.on_train_start(now)
    progress.on_epoch_start(now)
    progress.on_batch_end(now, Batch(4, 4, 1, 256, torch.tensor(6.0), torch.tensor(64.0)))
    now.history, now.best = [ROW], ROW
    progress.on_epoch_end(now, ROW)
    progress.on_notice("something to know")
    progress.on_train_end(now, error)
    return stream.getvalue()


def test_a_terminal_shows_the_bar_and_a_line_per_epoch() -> None:
    text = shown(terminal=True)
    for part in (
        "epoch 1/3",
        "train loss 1.500 acc 25.0 %",
        "faces/s",
        ":",
        " left",
        "val loss",
        "acc 50.0 %",
        "  best",
    ):
        assert part in text


def test_a_file_shows_notices_and_the_result_only() -> None:
    result = "1 epoch in 12 s; best validation accuracy 50.00 % in epoch 1"
    assert shown(terminal=False).splitlines() == ["training in runs/tiny", "something to know", result]


def test_after_ctrl_c_it_says_how_to_continue() -> None:
    lines = shown(terminal=False, error=KeyboardInterrupt()).splitlines()
    assert lines[-1] == "stopped; continue with: mien train --resume runs/tiny"


def test_an_error_has_no_result() -> None:
    assert shown(terminal=False, error=ValueError()).splitlines()[-1] == "something to know"


@pytest.mark.parametrize("terminal", [False, True])
def test_quiet_is_silent(terminal: bool) -> None:
    assert shown(terminal=terminal, quiet=True) == ""


def test_the_time_left_is_that_of_all_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 100.0, 130.0])
    monkeypatch.setattr(progress_module, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    progress = ConsoleProgress(Console(file=io.StringIO(), force_terminal=True, width=120))
    here = TrainingStatus(Path("run"), tiny_recipe("train.epochs=5"), history=[ROW])
    progress.on_epoch_start(here)
    progress.on_batch_end(here, Batch(16, 40, 2, 2048, torch.tensor(1.0), torch.tensor(1.0)))
    left = timedelta(seconds=round((24 + 3 * 40) * 30 / 16))
    (task,) = progress._bar.tasks
    assert f"{left} left" in task.fields["figures"]
    assert "68 faces/s" in task.fields["figures"]
