"""Stochastic gradient descent with momentum."""

from typing import Any, Literal, Self

import torch
from pydantic import Field, model_validator

from mien.config.base import Probability
from mien.limits import MAX_RATE
from mien.training.optimizers.base import OptimizerConfig


class Sgd(OptimizerConfig):
    """Stochastic gradient descent with momentum."""

    kind: Literal["sgd"]
    lr: float = Field(gt=0, le=MAX_RATE, examples=[0.05])
    momentum: Probability = 0.9
    nesterov: bool = True

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs a momentum above 0; set nesterov: false")
        return self

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return a `torch.optim.SGD`; see `OptimizerConfig.build`."""
        return torch.optim.SGD(groups, lr=self.lr, momentum=self.momentum, nesterov=self.nesterov, fused=True)
