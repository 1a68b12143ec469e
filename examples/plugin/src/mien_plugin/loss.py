"""Center loss (Wen et al. 2016): features of a class stay close to a center, which is trained."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from mien.training.losses.base import LossConfig
from mien.training.losses.cross_entropy import cross_entropy


class Center(LossConfig):
    """Cross-entropy plus the squared distance of the features to the center of their class."""

    uses_features: ClassVar[bool] = True

    kind: Literal["center"]
    weight: float = Field(default=0.01, ge=0)
    """Weight of the distance."""

    def build(self, weights: Tensor, width: int) -> nn.Module:
        return CenterLoss(weights, width, self.weight)


class CenterLoss(nn.Module):
    """Module of `Center`; its centers are parameters, (classes, width)."""

    weights: Tensor

    def __init__(self, weights: Tensor, width: int, weight: float) -> None:
        super().__init__()
        self.register_buffer("weights", weights, persistent=False)
        self.centers = nn.Parameter(torch.zeros(len(weights), width))
        self.weight = weight

    def forward(self, logits: Tensor, targets: Tensor, features: Tensor) -> Tensor:
        distances = (features - targets @ self.centers).square().sum(1).mean()
        return cross_entropy(logits, targets, self.weights, 0.0) + self.weight * distances
