"""A training as a user has it: its process is killed, and resumed, and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml

from mien.training.checkpoint import LAST, read_checkpoint
from training_builders import tiny_recipe

RECIPE = tiny_recipe(
    "train.epochs=12", "augment.rotate=10", "train.ema_decay=0.9", "schedule={kind: plateau, patience: 1}"
)


def mien(*words: str, cwd: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-m", "mien", *words], cwd=cwd, env=environment)


def train(folder: Path, out: str) -> "subprocess.Popen[bytes]":
    return mien("train", "tiny.yaml", "--data", "synthetic:300", "--output", out, "--no-report", cwd=folder)


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
    assert train(path, "whole").wait() == 0
    return path


@pytest.mark.parametrize("epochs", [0, 2, 5])
def test_kill_nine_and_resume_end_with_the_same_bits(folder: Path, epochs: int) -> None:
    run = folder / f"killed-{epochs}"
    process = train(folder, run.name)
    while epochs_of(run) < epochs:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert epochs_of(run) < 12
    assert mien("train", "--resume", run.name, "--no-report", cwd=folder).wait() == 0
    whole, killed = weights(folder / "whole"), weights(run)
    assert whole.keys() == killed.keys()
    assert all(torch.equal(value, killed[name]) for name, value in whole.items())
