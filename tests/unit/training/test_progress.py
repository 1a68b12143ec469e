import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console

import mien.training.progress as progress_module
from mien.training.progress import TrainingProgress
from mien.training.state import Epoch

ROW = Epoch(1, 0.1, 1.5, 0.25, 1.25, 0.5, 12.0, 900.0)


def shown(*, terminal: bool, quiet: bool = False) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
    with TrainingProgress(console, quiet=quiet) as progress:
        progress.start_epoch(1, 3, 4)
        progress.after_batch(2, 256, torch.tensor(3.0), torch.tensor(64.0))
        progress.after_epoch(ROW, best=True)
        progress.notice("something to know")
    stream = console.file
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def test_a_terminal_sees_the_bar_and_a_line_an_epoch() -> None:
    text = shown(terminal=True)
    for part in (
        "epoch 1/3",
        "loss 1.500",
        "accuracy 25.0 %",
        "faces/s",
        ":",
        " left",
        "25.0 / 50.0 %",
        "best so far",
    ):
        assert part in text


def test_a_file_sees_notices_only() -> None:
    assert shown(terminal=False) == "something to know\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_quiet_is_silent(terminal: bool) -> None:
    assert shown(terminal=terminal, quiet=True) == ""


def test_the_time_left_is_that_of_all_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 100.0, 130.0])
    monkeypatch.setattr(progress_module, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    progress = TrainingProgress(console)
    progress.start_epoch(2, 5, 40)
    progress.after_batch(10, 1280, torch.tensor(1.0), torch.tensor(1.0))
    left = (30 + 3 * 40) * 3  # batches to come, three seconds each
    (task,) = progress._bar.tasks
    assert f"{timedelta(seconds=left)} left" in task.fields["figures"]
    assert "43 faces/s" in task.fields["figures"]
