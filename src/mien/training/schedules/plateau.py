"""Reduction of the learning rate when validation results stop improving."""

import math
from typing import Literal

from pydantic import Field

from mien.training.schedules.base import EpochResult, Memory, ScheduleConfig


class Plateau(ScheduleConfig):
    """The learning rate is multiplied by `factor` after more than `patience` epochs without improvement."""

    kind: Literal["plateau"]
    factor: float = Field(default=0.1, gt=0, lt=1)
    patience: int = Field(default=10, ge=0)
    """Epochs without improvement that are tolerated; the next one lowers the learning rate."""
    monitor: Literal["loss", "accuracy"] = "loss"
    """Validation figure that has to improve."""
    min_lr: float = Field(default=0.0, ge=0)
    """Lower bound of the learning rate."""

    def lr_factor(self, epoch: float, epochs: int, memory: Memory) -> float:  # noqa: ARG002
        """Return the product of the reductions so far; see `ScheduleConfig.lr_factor`."""
        return memory.get("factor", 1.0)

    def after_epoch(self, memory: Memory, result: EpochResult, lr: float) -> Memory:
        """Count epochs without improvement; see `ScheduleConfig.after_epoch`."""
        figure = result.validation_loss if self.monitor == "loss" else -result.validation_accuracy
        if figure < memory.get("best", math.inf):
            return {**memory, "best": figure, "waited": 0}
        waited = memory.get("waited", 0)
        if waited < self.patience:
            return {**memory, "waited": waited + 1}
        factor = memory.get("factor", 1.0)
        lowest = min(self.min_lr / lr, factor)
        return {**memory, "waited": 0, "factor": max(factor * self.factor, lowest)}
