"""Step decay of the learning rate."""

import math
from typing import Literal

from pydantic import Field

from mien.training.schedules.base import Memory, ScheduleConfig


class Step(ScheduleConfig):
    """The learning rate is multiplied by `factor` every `every` epochs."""

    kind: Literal["step"]
    every: int = Field(ge=1, examples=[10])
    factor: float = Field(default=0.1, gt=0, lt=1)

    def lr_factor(self, epoch: float, epochs: int, memory: Memory) -> float:  # noqa: ARG002
        """Return the factor of whole steps so far; see `ScheduleConfig.lr_factor`."""
        return self.factor ** (math.floor(epoch) // self.every)
