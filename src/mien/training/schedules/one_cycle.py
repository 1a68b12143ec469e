"""The one-cycle policy (Smith 2018)."""

from typing import Literal

from pydantic import Field

from mien.training.schedules.base import Memory, ScheduleConfig, half_cosine


class OneCycle(ScheduleConfig):
    """Cosine up from `initial` during `pct_start` of the training, then cosine down to `final`."""

    kind: Literal["one_cycle"]
    pct_start: float = Field(default=0.3, gt=0, lt=1)
    """Fraction of the training in which the learning rate rises."""
    initial: float = Field(default=0.04, gt=0, le=1)
    """First learning rate as a fraction of the optimizer's."""
    final: float = Field(default=1e-4, ge=0, le=1)
    """Last learning rate as a fraction of the optimizer's."""

    def lr_factor(self, epoch: float, epochs: int, memory: Memory) -> float:  # noqa: ARG002
        """Return the factor at `epoch`; see `ScheduleConfig.lr_factor`."""
        share = epoch / epochs
        if share < self.pct_start:
            return 1 - (1 - self.initial) * half_cosine(share / self.pct_start)
        return self.final + (1 - self.final) * half_cosine((share - self.pct_start) / (1 - self.pct_start))
