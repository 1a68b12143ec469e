"""The protocol of a loss.

A loss is one subclass of `LossConfig` beside its module. Register it under its `kind` in
`mien.config.parts.LOSSES`, or from another package by an entry point of the group "mien.losses".
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from mien.config.base import Part


class LossConfig(Part):
    """Base class of a loss's configuration: the keys of a recipe's `loss` section."""

    uses_features: ClassVar[bool] = False
    """Whether `forward` needs features. They are collected only for losses that do."""

    def build(self, weights: Tensor, width: int) -> nn.Module:
        """Return the loss as a module `(logits, targets, features) -> scalar`.

        The logits are float32 (n, classes), the targets distributions (n, classes). The features are the
        input of the network's last layer, float32 (n, width), or None unless `uses_features` is set.
        Parameters of the module are trained with those of the network, and its state is part of every
        checkpoint; buffers that follow from the recipe should not be persistent.

        Args:
            weights: Class weights, (classes,).
            width: Number of features; 0 unless `uses_features` is set.
        """
        raise NotImplementedError


def weighted_mean(losses: Tensor, weights: Tensor) -> Tensor:
    """Return the mean over faces of the sum over classes of `losses` (n, classes) times `weights`."""
    return (losses * weights).sum(1).mean()


def smooth_labels(targets: Tensor, smoothing: float) -> Tensor:
    """Return targets (n, classes) with a share of `smoothing` spread evenly over all classes."""
    if not smoothing:
        return targets
    return targets * (1 - smoothing) + smoothing / targets.shape[1]


class WeightedLoss(nn.Module):
    """A loss with class weights, which follow the module to its device.

    Args:
        weights: Class weights, (classes,).
    """

    weights: Tensor

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.register_buffer("weights", torch.as_tensor(weights), persistent=False)
