import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from mien.data import read_faces
from mien.errors import RunError
from mien.training.callbacks import Batch, Callback, CallbackList, TrainingStatus
from mien.training.loop import DivergedError
from mien.training.run_folder.checkpoint import LAST, read_checkpoint
from mien.training.run_folder.state import State
from mien.training.runner import train_run
from mien.training.setup import known_training
from training_builders import DRAWN, begin, tiny_recipe, tiny_run, train

HOOKS = [name for name in vars(Callback) if name.startswith("on_")]


class Recorder(Callback):
    """Records the name of each call, batches without repetition."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: BaseException | None = None

    def on_train_start(self, status: TrainingStatus) -> None:
        self.calls.append(f"start {status.epoch}")

    def on_epoch_start(self, status: TrainingStatus) -> None:
        self.calls.append(f"epoch {status.epoch + 1} of {status.epochs}")

    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:
        if batch.number == batch.count:
            self.calls.append(f"batch {batch.number} of epoch {batch.epoch}")
        assert not batch.loss <= 0  # nan where the training diverges
        assert 0 <= batch.accuracy <= 1

    def on_epoch_end(self, status: TrainingStatus, epoch: Any) -> None:
        newest = read_checkpoint(status.path / "checkpoints" / LAST).state
        assert status.history[-1] is epoch
        self.calls.append(f"end of epoch {epoch.epoch}, checkpoint {newest.epoch}")

    def on_best(self, status: TrainingStatus, epoch: Any) -> None:
        assert status.best is epoch
        self.calls.append(f"best {epoch.epoch}")

    def on_recovery(self, status: TrainingStatus) -> None:
        self.calls.append(f"recovery to {status.epoch}")

    def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:
        self.calls.append("end")
        self.error = error


class StopAt(Callback):
    """Requests a stop in a method, once `when` holds."""

    def __init__(self, hook: str, when: Callable[..., bool] = lambda *_: True) -> None:
        def stop(status: TrainingStatus, *event: Any) -> None:
            if when(*event):
                status.request_stop("enough")

        setattr(self, hook, stop)


def test_every_method_runs_at_its_point(tmp_path: Path) -> None:
    recorder = Recorder()
    train(tiny_run(tmp_path / "run"), recorder)
    assert [call for call in recorder.calls if not call.startswith("best")] == [
        "start 0",
        "epoch 1 of 2", "batch 10 of epoch 1", "end of epoch 1, checkpoint 1",
        "epoch 2 of 2", "batch 10 of epoch 2", "end of epoch 2, checkpoint 2",
        "end",
    ]  # fmt: skip
    assert recorder.calls[recorder.calls.index("best 1") - 1].startswith("end of epoch 1")
    assert recorder.error is None


@pytest.mark.parametrize(
    ("stop", "epochs"),
    [
        pytest.param(StopAt("on_train_start"), 0, id="before the first epoch"),
        pytest.param(StopAt("on_epoch_end", lambda epoch: epoch.epoch == 2), 2, id="after an epoch"),
        pytest.param(
            StopAt("on_batch_end", lambda batch: (batch.epoch, batch.number) == (2, 3)), 1, id="within"
        ),
        pytest.param(
            StopAt("on_batch_end", lambda batch: (batch.epoch, batch.number) == (2, batch.count)),
            2,
            id="after the last batch of an epoch",
        ),
    ],
)
def test_a_stopped_training_is_resumed_to_the_same_bits(tmp_path: Path, stop: Callback, epochs: int) -> None:
    overrides = ["train.epochs=3", "train.ema_decay=0.9", "augment.rotate=10"]
    whole, stopped = (begin(tmp_path / name, read_faces(DRAWN), overrides) for name in ("whole", "stopped"))
    train_run(whole)
    training = known_training(stopped.run, [stop])
    assert train_run(training).epoch == epochs
    assert training.context.status.stop_reason == "enough"
    assert read_checkpoint(stopped.run.checkpoints / LAST).state.epoch == epochs
    assert train(stopped.run).epoch == 3
    tensors = [read_checkpoint(run.checkpoints / LAST).tensors for run in (whole.run, stopped.run)]
    assert all(torch.equal(value, tensors[1][name]) for name, value in tensors[0].items())


def test_the_first_reason_to_stop_is_kept() -> None:
    status = TrainingStatus(Path("run"), tiny_recipe())
    assert not status.stop_requested
    status.request_stop("first")
    status.request_stop("second")
    assert (status.stop_requested, status.stop_reason) == (True, "first")


def test_a_recovery_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [DivergedError("lost")]

    def fit(*_: object) -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr("mien.training.runner.fit", fit)
    recorder = Recorder()
    train(tiny_run(tmp_path / "run"), recorder)
    assert recorder.calls == ["start 0", "recovery to 0", "end"]


def test_an_error_of_the_training_reaches_the_last_method(tmp_path: Path) -> None:
    recorder = Recorder()
    with pytest.raises(RunError, match="after 3 recoveries") as caught:
        train(tiny_run(tmp_path / "run", ["optimizer={kind: sgd, lr: 1000, weight_decay: 1000}"]), recorder)
    assert recorder.error is caught.value
    assert recorder.calls[-1] == "end"


def test_an_exception_of_a_callback_reaches_the_caller_and_the_others_end(tmp_path: Path) -> None:
    class Failing(Callback):
        def on_train_start(self, status: TrainingStatus) -> None:
            raise ValueError("mine")

        def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:
            raise error or AssertionError

    recorder = Recorder()
    with pytest.raises(ValueError, match="mine"):
        train(tiny_run(tmp_path / "run"), Failing(), recorder)
    assert recorder.calls == ["end"]
    assert str(recorder.error) == "mine"


@pytest.mark.parametrize("hook", HOOKS)
def test_a_list_runs_every_callback_in_order(hook: str) -> None:
    calls: list[tuple[str, tuple[object, ...]]] = []
    callbacks = [Callback(), Callback()]
    for name, callback in zip("ab", callbacks, strict=True):
        setattr(callback, hook, lambda *words, name=name: calls.append((name, words)))
    count = Callback.__dict__[hook].__code__.co_argcount - 1
    words = ("x", "y", "z")[:count]
    getattr(CallbackList(callbacks), hook)(*words)
    assert calls == [("a", words), ("b", words)]


def test_notices_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="mien"):
        CallbackList().on_notice("something to know")
    assert caplog.record_tuples == [("mien.training", logging.INFO, "something to know")]


def test_the_status_follows_the_state() -> None:
    status = TrainingStatus(Path("run"), tiny_recipe())
    status.follow(State())
    assert (status.epoch, status.epochs, status.best) == (0, 2, None)
