"""A constant learning rate."""

from typing import Literal

from mien.training.schedules.base import Memory, ScheduleConfig


class Constant(ScheduleConfig):
    """The optimizer's learning rate throughout."""

    kind: Literal["constant"]

    def lr_factor(self, epoch: float, epochs: int, memory: Memory) -> float:  # noqa: ARG002
        """Return 1; see `ScheduleConfig.lr_factor`."""
        return 1.0
