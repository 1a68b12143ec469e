import math

import pytest
import torch

from mien.training.run_folder.state import Epoch
from mien.training.schedules.base import Memory, ScheduleConfig
from mien.training.schedules.constant import Constant
from mien.training.schedules.cosine import Cosine, LogCosine
from mien.training.schedules.one_cycle import OneCycle
from mien.training.schedules.plateau import Plateau
from mien.training.schedules.step import Step

COSINE = Cosine(kind="cosine", warmup=2, final=0.1)
LOG = LogCosine(kind="log_cosine", final=0.01)
CYCLE = OneCycle(kind="one_cycle", pct_start=0.25, initial=0.04, final=0.001)


def result(loss: float, accuracy: float = 0.5) -> Epoch:
    return Epoch(1, 0.1, 1.0, 0.5, loss, accuracy, 1.0, 10.0)


@pytest.mark.parametrize(
    ("schedule", "epoch", "expected"),
    [
        (Constant(kind="constant"), 7, 1),
        (Step(kind="step", every=3, factor=0.5), 2.9, 1),
        (Step(kind="step", every=3, factor=0.5), 3, 0.5),
        (Step(kind="step", every=3, factor=0.5), 9, 0.125),
        (COSINE, 0, 0),
        (COSINE, 1, 0.5),
        (COSINE, 2, 1),
        (COSINE, 6, 0.55),
        (COSINE, 10, 0.1),
        (LOG, 0, 1),
        (LOG, 5, 0.1),
        (LOG, 10, 0.01),
        (CYCLE, 0, 0.04),
        (CYCLE, 1.25, 0.52),
        (CYCLE, 2.5, 1),
        (CYCLE, 6.25, 0.5005),
        (CYCLE, 10, 0.001),
        (Plateau(kind="plateau"), 9, 1),
    ],
)
def test_factor_by_hand(schedule: ScheduleConfig, epoch: float, expected: float) -> None:
    assert schedule.lr_factor(epoch, 10, {}) == pytest.approx(expected, abs=1e-9)


def test_cosine_is_torch_s() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20, eta_min=0.05)
    for epoch in range(21):
        found = Cosine(kind="cosine", final=0.05).lr_factor(epoch, 20, {})
        assert found == pytest.approx(oracle.get_last_lr()[0], abs=1e-9)
        optimizer.step()
        oracle.step()


def test_log_cosine_is_a_cosine_in_the_logarithm() -> None:
    for epoch in range(11):
        cosine = Cosine(kind="cosine").lr_factor(epoch, 10, {})
        found = math.log(LOG.lr_factor(epoch, 10, {})) / math.log(0.01)
        assert found == pytest.approx(1 - cosine)


def test_plateau_is_torch_s() -> None:
    losses = [3, 2, 2.1, 2.2, 2.3, 1.9, 2, 2, 2, 2, 2, 2, 2, 1.5, 9, 9, 9, 9, 9, 9, 9, 9, 9]
    schedule = Plateau(kind="plateau", factor=0.1, patience=2, min_lr=1e-4)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    oracle = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.1, patience=2, min_lr=1e-4, threshold=0
    )
    memory: Memory = {}
    for loss in losses:
        memory = schedule.after_epoch(memory, result(loss), lr=0.1)
        oracle.step(loss)
        assert 0.1 * schedule.lr_factor(1, 99, memory) == pytest.approx(optimizer.param_groups[0]["lr"])
    assert 0.1 * schedule.lr_factor(1, 99, memory) == pytest.approx(1e-4)


def test_plateau_never_raises_a_learning_rate_below_its_minimum() -> None:
    schedule = Plateau(kind="plateau", patience=0, min_lr=1.0)
    memory = schedule.after_epoch({"best": 0.0}, result(1.0), lr=0.1)
    assert schedule.lr_factor(1, 10, memory) == 1


def test_plateau_monitors_accuracy_too() -> None:
    schedule = Plateau(kind="plateau", patience=0, factor=0.5, monitor="accuracy")
    memory: Memory = {}
    for accuracy in (0.5, 0.6, 0.6):
        memory = schedule.after_epoch(memory, result(1.0, accuracy), lr=0.1)
    assert schedule.lr_factor(1, 10, memory) == 0.5


@pytest.mark.parametrize("schedule", [Constant(kind="constant"), COSINE, LOG, CYCLE])
def test_other_schedules_remember_nothing(schedule: ScheduleConfig) -> None:
    assert schedule.after_epoch({}, result(1.0), lr=0.1) == {}
