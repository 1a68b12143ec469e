"""Builders of run folders with a history, without training."""

import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from mien.training.run_folder.checkpoint import Checkpoint, write_checkpoint
from mien.training.run_folder.history import write_history
from mien.training.run_folder.info import write_info
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch, State
from training_builders import tiny_run


def epoch(number: int, accuracy: float, *, loss: float = 1.5, seconds: float = 2.0) -> Epoch:
    """Return a row of a history."""
    return Epoch(number, 0.1 / number, 2.0 / number, accuracy + 0.1, loss, accuracy, seconds, 100.0)


def history(*accuracies: float) -> list[Epoch]:
    """Return a history with these validation accuracies."""
    return [epoch(number, accuracy) for number, accuracy in enumerate(accuracies, start=1)]


def finished_run(
    path: Path, accuracies: Sequence[float] = (0.25, 0.5), overrides: Sequence[str] = (), **info: Any
) -> RunFolder:
    """Return a run whose checkpoints have a history, and no tensors of a network."""
    shutil.copytree(_made(tuple(accuracies), tuple(overrides)), path)
    if info:
        write_info(path, RunFolder(path).info.model_copy(update=info))
    return RunFolder(path)


_FOLDER = TemporaryDirectory()


@cache
def _made(accuracies: tuple[float, ...], overrides: tuple[str, ...]) -> Path:
    """Return such a run, made once; copies of it have the same id."""
    path = Path(tempfile.mkdtemp(dir=_FOLDER.name)) / "run"
    run = tiny_run(path, overrides, source="synthetic:70")
    if accuracies:
        rows = history(*accuracies)
        checkpoint = Checkpoint({"w": torch.zeros(8)}, State(history=rows), run.identity)
        write_checkpoint(run.checkpoints, checkpoint, best=True)
        write_history(rows, path)
    return path
