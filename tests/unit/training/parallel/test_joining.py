import os
import signal
from pathlib import Path

import pytest
import torch

import mien
from mien.api.training import _sizes
from mien.errors import RecipeError, RunError
from mien.training.callbacks import Batch, TrainingStatus
from mien.training.parallel import helpers
from mien.training.parallel.joining import connected_to, joined
from mien.training.parallel.plan import planned
from mien.training.parallel.world import World
from training_builders import tiny_recipe, tiny_run


class Killer(mien.Callback):
    """Kills the other process in the second epoch."""

    def __init__(self, started: list[int]) -> None:
        self.started = started

    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:
        if batch.epoch == 2:
            os.kill(self.started[0], signal.SIGKILL)


@pytest.mark.slow
def test_a_killed_process_ends_the_training_which_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    start = helpers._started

    def recorded(*arguments: object) -> object:
        process = start(*arguments)  # type: ignore[arg-type]
        started.append(process.pid)
        return process

    monkeypatch.setattr(helpers, "_started", recorded)
    recipe, threads = tiny_recipe("train.epochs=3"), torch.get_num_threads()
    with pytest.raises(RunError, match=r"process 1 of 2 .* was killed by SIGKILL.* resume the run"):
        mien.train(
            recipe,
            data="synthetic:120",
            out=tmp_path / "run",
            callbacks=[Killer(started)],
            device="cpu",
            devices=2,
        )
    assert len(mien.Run(tmp_path / "run").history) == 1
    assert len(mien.resume(tmp_path / "run", device="cpu", devices=1).history) == 3
    assert mien.Run(tmp_path / "run").info.environment["devices"] == 2
    assert torch.get_num_threads() == threads
    assert not torch.distributed.is_initialized()


@pytest.mark.parametrize(
    ("devices", "nodes", "expected"), [(None, None, (2, 1)), (1, None, (1, 1)), (4, 2, (4, 2))]
)
def test_a_run_is_resumed_with_its_devices_by_default(
    devices: int | None, nodes: int | None, expected: tuple[int, int], tmp_path: Path
) -> None:
    run = tiny_run(tmp_path / "run")
    run.info = run.info.model_copy(update={"environment": {"devices": 2, "nodes": 1}})
    assert _sizes(run, devices, nodes) == expected  # type: ignore[arg-type]


def test_a_process_that_can_not_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers.sys, "executable", "/bin/false")
    faces = mien.read_faces("synthetic:20")
    with (
        pytest.raises(RunError, match=r"process 1 of 2 .* ended with exit code 1"),
        joined(planned(2), faces, "cpu"),
    ):
        pass


def test_one_process_needs_nothing(tmp_path: Path) -> None:
    with joined(planned(1), mien.read_faces("synthetic:20"), "cpu") as world:
        assert world == World()
        assert not torch.distributed.is_initialized()


def test_a_lost_connection_is_one_sentence() -> None:
    of_gloo = (
        "[/pytorch/third_party/gloo/transport/tcp/pair.cc:537] Read error [127.0.0.1]:4003: Connection reset "
        "by peer. This is typically caused by a remote"
    )
    with (
        pytest.raises(
            RunError, match=r"doesn't answer \(Read error \[127.0.0.1\]:4003: Connection reset by peer\),"
        ),
        connected_to(torch.distributed.HashStore(), World(), "cpu"),
    ):
        raise RuntimeError(of_gloo)


@pytest.mark.parametrize("device", ["cuda:0", "mps"])
def test_a_device_that_several_processes_can_not_have_is_refused_first(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    faces = mien.read_faces("synthetic:20")
    with pytest.raises(RecipeError, match="one device, but devices=2"), joined(planned(2), faces, device):
        pass
