"""Losses against target distributions, so that smoothing, mixing and votes all compose.

Every loss is a mean over faces of a weighted sum over classes. With certain targets and no
smoothing they are the textbook's cross-entropy and focal loss.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.config.training import Loss

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""(logits (n, classes), targets (n, classes)) to a scalar."""


def make_loss(config: Loss, weights: Tensor) -> LossFunction:
    """Return the loss that a recipe names, with `weights` (classes,) of its classes."""
    if config.kind == "focal":
        return partial(focal, weights=weights, smoothing=config.label_smoothing, gamma=config.gamma)
    return partial(cross_entropy, weights=weights, smoothing=config.label_smoothing)


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor, smoothing: float) -> Tensor:
    """Return the mean over faces of -sum_c w_c t_c log p_c, with smoothed targets t."""
    losses = -F.log_softmax(logits, 1) * smoothed(targets, smoothing)
    return (losses * weights).sum(1).mean()


def focal(logits: Tensor, targets: Tensor, weights: Tensor, smoothing: float, gamma: float) -> Tensor:
    """Return the mean over faces of -sum_c w_c t_c (1 - p_c)^gamma log p_c.

    Lin et al. 2017, equation 5, for more than two classes and soft targets; gamma 0 is
    `cross_entropy`.
    """
    logs = F.log_softmax(logits, 1)
    # 1 - p loses all its digits where p is near 1; expm1 keeps them, and the gradient finite.
    doubt = (-torch.expm1(logs)).clamp(min=torch.finfo(logs.dtype).tiny)
    losses = -(doubt**gamma) * logs * smoothed(targets, smoothing)
    return (losses * weights).sum(1).mean()


def smoothed(targets: Tensor, smoothing: float) -> Tensor:
    """Return targets (n, classes) with `smoothing` of each spread evenly over all classes."""
    if not smoothing:
        return targets
    return targets * (1 - smoothing) + smoothing / targets.shape[1]
