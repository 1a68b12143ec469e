"""A training as a user has it: its process is killed, and resumed, and nothing is lost."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import torch
import yaml

from mien.cli.app import run as mien
from mien.training.callbacks import TrainingStatus
from mien.training.run_folder.checkpoint import LAST, read_checkpoint
from mien.training.run_folder.history import HistoryWriter
from mien.training.run_folder.state import Epoch
from training_builders import tiny_recipe

RECIPE = tiny_recipe(
    "train.epochs=12", "augment.rotate=10", "train.ema_decay=0.9", "schedule={kind: plateau, patience: 1}"
)

PROCESSES = multiprocessing.get_context("forkserver")
"""Processes that start with torch imported, in a tenth of a second."""

PROCESSES.set_forkserver_preload(["mien.api.training", "mien.training.runner", "matplotlib.figure"])


def start(*words: object, run: Callable[[list[str]], int] = mien) -> BaseProcess:
    process = PROCESSES.Process(target=run, args=([str(word) for word in words],))
    process.start()
    return process


def never_finished(words: list[str]) -> int:
    """Run a command that waits after the 11th epoch, so that it can be killed on a busy machine, too."""
    write = HistoryWriter.on_epoch_end

    def on_epoch_end(self: HistoryWriter, status: TrainingStatus, epoch: Epoch) -> None:
        write(self, status, epoch)
        if epoch.epoch == 11:
            time.sleep(120)

    HistoryWriter.on_epoch_end = on_epoch_end
    return mien(words)


def train(folder: Path, out: str, run: Callable[[list[str]], int] = mien) -> BaseProcess:
    words = (
        "train",
        folder / "tiny.yaml",
        "--data",
        "synthetic:300",
        "--output",
        folder / out,
        "--no-report",
    )
    return start(*words, run=run)


def weights(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(run / "checkpoints" / LAST).tensors


def epochs_of(run: Path) -> int:
    try:
        return len((run / "history.jsonl").read_text().splitlines())
    except FileNotFoundError:
        return -1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a recipe, and a run of it that nothing disturbed."""
    path = tmp_path_factory.mktemp("kill")
    (path / "tiny.yaml").write_text(yaml.safe_dump(RECIPE.model_dump(mode="json")))
    train(path, "whole").join()
    assert epochs_of(path / "whole") == 12
    return path


@pytest.mark.parametrize("epochs", [0, 5])
def test_kill_nine_and_resume_end_with_the_same_bits(folder: Path, epochs: int) -> None:
    run = folder / f"killed-{epochs}"
    process = train(folder, run.name, never_finished)
    while epochs_of(run) < epochs:
        assert process.is_alive(), "it ended before it could be killed"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert epochs_of(run) < 12
    start("train", "--resume", run, "--no-report").join()
    assert epochs_of(run) == 12
    whole, killed = weights(folder / "whole"), weights(run)
    assert whole.keys() == killed.keys()
    assert all(torch.equal(value, killed[name]) for name, value in whole.items())
