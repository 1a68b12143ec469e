import io

import pytest
import torch
from rich.console import Console

from mien.train.progress import TrainingProgress
from mien.train.state import Epoch

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
    for part in ("epoch 1/3", "loss 1.500", "accuracy 25.0 %", "faces/s", "25.0 / 50.0 %", "best so far"):
        assert part in text


def test_a_file_sees_notices_only() -> None:
    assert shown(terminal=False) == "something to know\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_quiet_is_silent(terminal: bool) -> None:
    assert shown(terminal=terminal, quiet=True) == ""
