"""Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019)."""

from typing import Any, Literal

import torch
from pydantic import Field

from mien.config.base import Probability
from mien.training.optimizers.base import OptimizerConfig


class Adam(OptimizerConfig):
    """Adam, or AdamW with decoupled weight decay."""

    kind: Literal["adam", "adamw"]
    betas: tuple[Probability, Probability] = (0.9, 0.999)
    eps: float = Field(default=1e-8, gt=0)

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return a `torch.optim.Adam` or `AdamW`; see `OptimizerConfig.build`."""
        kind = torch.optim.AdamW if self.kind == "adamw" else torch.optim.Adam
        return kind(groups, lr=self.lr, betas=self.betas, eps=self.eps, fused=True)
