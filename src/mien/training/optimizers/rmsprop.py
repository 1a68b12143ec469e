"""RMSprop (Tieleman & Hinton 2012)."""

from typing import Any, Literal

import torch
from pydantic import Field

from mien.config.base import Probability
from mien.training.optimizers.base import OptimizerConfig


class RmsProp(OptimizerConfig):
    """RMSprop with optional momentum."""

    kind: Literal["rmsprop"]
    alpha: Probability = 0.9
    """Decay of the moving average of squared gradients."""
    eps: float = Field(default=1e-7, gt=0)
    momentum: Probability = 0.0

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return a `torch.optim.RMSprop`; see `OptimizerConfig.build`."""
        return torch.optim.RMSprop(
            groups, lr=self.lr, alpha=self.alpha, eps=self.eps, momentum=self.momentum, foreach=True
        )
