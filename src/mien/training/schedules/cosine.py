"""Cosine annealing (Loshchilov & Hutter 2017), of the learning rate or of its logarithm, with warm-up."""

from typing import Literal

from pydantic import Field

from mien.config.base import Fraction
from mien.training.schedules.base import Memory, ScheduleConfig, half_cosine


class Cosine(ScheduleConfig):
    """Half a cosine from the learning rate to `final` of it, after a linear warm-up."""

    kind: Literal["cosine"]
    warmup: float = Field(default=0.0, ge=0)
    """Epochs of linear warm-up from zero."""
    final: Fraction = 0.0
    """Last learning rate as a fraction of the optimizer's."""

    def lr_factor(self, epoch: float, epochs: int, memory: Memory) -> float:  # noqa: ARG002
        """Return the factor at `epoch`; see `ScheduleConfig.lr_factor`."""
        if epoch < self.warmup:
            return epoch / self.warmup
        return self.final + (1 - self.final) * annealed(epoch, epochs, self.warmup)


class LogCosine(ScheduleConfig):
    """A cosine in the logarithm of the learning rate: equal ratios where `cosine` has equal differences."""

    kind: Literal["log_cosine"]
    warmup: float = Field(default=0.0, ge=0)
    """Epochs of linear warm-up from zero."""
    final: float = Field(default=0.01, gt=0, le=1)
    """Last learning rate as a fraction of the optimizer's; above 0, where the logarithm is finite."""

    def lr_factor(self, epoch: float, epochs: int, memory: Memory) -> float:  # noqa: ARG002
        """Return the factor at `epoch`; see `ScheduleConfig.lr_factor`."""
        if epoch < self.warmup:
            return epoch / self.warmup
        return float(self.final ** (1 - annealed(epoch, epochs, self.warmup)))


def annealed(epoch: float, epochs: int, warmup: float) -> float:
    """Return half a cosine over the epochs after the warm-up: 1 at its end, 0 at `epochs`."""
    share = (epoch - warmup) / max(epochs - warmup, 1e-9)
    return half_cosine(min(share, 1.0))
