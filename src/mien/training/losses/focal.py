"""Focal loss (Lin et al. 2017) with label smoothing and class weights, against target distributions."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mien.config.base import Probability
from mien.training.losses.base import LossConfig, WeightedLoss, smooth_labels, weighted_mean


class Focal(LossConfig):
    """Focal loss: faces that are classified with high confidence count less."""

    kind: Literal["focal"]
    label_smoothing: Probability = 0.0
    """This share of each target is spread evenly over all classes."""
    gamma: float = Field(default=2.0, ge=0)
    """How strongly easy faces are discounted; 0 is cross-entropy."""

    def build(self, weights: Tensor, width: int) -> nn.Module:  # noqa: ARG002 - no features
        """Return a `FocalLoss`; see `LossConfig.build`."""
        return FocalLoss(weights, self.label_smoothing, self.gamma)


class FocalLoss(WeightedLoss):
    """Module of `Focal`."""

    def __init__(self, weights: Tensor, smoothing: float, gamma: float) -> None:
        super().__init__(weights)
        self.smoothing = smoothing
        self.gamma = gamma

    def forward(self, logits: Tensor, targets: Tensor, features: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss of a batch."""
        return focal(logits, targets, self.weights, self.smoothing, self.gamma)


def focal(logits: Tensor, targets: Tensor, weights: Tensor, smoothing: float, gamma: float) -> Tensor:
    """Return the mean over faces of -sum_c w_c t_c (1 - p_c)^gamma log p_c.

    Lin et al. 2017, equation 5, for several classes and target distributions; gamma 0 is cross-entropy.
    """
    logs = F.log_softmax(logits, 1)
    # 1 - p loses all its digits where p is near 1; expm1 keeps them, and the gradient finite.
    complement = (-torch.expm1(logs)).clamp(min=torch.finfo(logs.dtype).tiny)
    return weighted_mean(-(complement**gamma) * logs * smooth_labels(targets, smoothing), weights)
