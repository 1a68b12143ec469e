"""Learning-rate schedules: pure functions of how far the training is.

A rate depends on the epoch alone, so that a resumed training needs no schedule state. Plateau is
the exception: it looks back, and carries a `PlateauState` in the checkpoint.
"""

import math
from dataclasses import dataclass, replace

from mien.config.training import Constant, Cosine, LogCosine, OneCycle, Plateau, Schedule, Step


def rate_factor(schedule: Schedule, epoch: float, epochs: int) -> float:
    """Return what the optimizer's rate is multiplied by.

    Args:
        schedule: The recipe's choice.
        epoch: Epochs done so far, with the part of the current one, 0 to `epochs`.
        epochs: Epochs in all.
    """
    if isinstance(schedule, Constant | Plateau):
        return 1.0
    if isinstance(schedule, Step):
        return schedule.factor ** (math.floor(epoch) // schedule.every)
    if isinstance(schedule, OneCycle):
        return _one_cycle(schedule, epoch / epochs)
    return _cosine(schedule, epoch, epochs)


def _cosine(schedule: Cosine | LogCosine, epoch: float, epochs: int) -> float:
    if epoch < schedule.warmup:
        return epoch / schedule.warmup
    share = (epoch - schedule.warmup) / max(epochs - schedule.warmup, 1e-9)
    high = _falling(min(share, 1.0))
    if isinstance(schedule, LogCosine):
        return float(schedule.final ** (1 - high))
    return schedule.final + (1 - schedule.final) * high


def _one_cycle(schedule: OneCycle, share: float) -> float:
    if share < schedule.pct_start:
        return 1 - (1 - schedule.initial) * _falling(share / schedule.pct_start)
    return schedule.final + (1 - schedule.final) * _falling(
        (share - schedule.pct_start) / (1 - schedule.pct_start)
    )


def _falling(share: float) -> float:
    """Half a cosine from 1 at 0 to 0 at 1."""
    return (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True)
class PlateauState:
    """What a plateau schedule remembers: the best figure, epochs since, and the factor so far."""

    best: float = math.inf
    waited: int = 0
    factor: float = 1.0


def after_epoch(schedule: Plateau, state: PlateauState, figure: float, lr: float) -> PlateauState:
    """Return the state after an epoch whose watched figure (smaller is better) is `figure`.

    Args:
        schedule: The plateau options.
        state: The state before.
        figure: Validation loss, or minus the accuracy.
        lr: The optimizer's learning rate, to keep the product above `schedule.min_lr`.
    """
    if figure < state.best:
        return replace(state, best=figure, waited=0)
    if state.waited < schedule.patience:
        return replace(state, waited=state.waited + 1)
    lowest = min(schedule.min_lr / lr, state.factor)
    return replace(state, waited=0, factor=max(state.factor * schedule.factor, lowest))
