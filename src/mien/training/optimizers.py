"""Optimizers: a recipe's choice over the parameters of a network."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from mien.config.training import Adam, Optimizer, RmsProp, Sgd


def make_optimizer(config: Optimizer, network: nn.Module) -> torch.optim.Optimizer:
    """Return the optimizer over the trainable parameters of `network`.

    Weight decay falls on matrices and kernels only: norms and biases have nothing to overfit with
    (He et al. 2019, section 3.1).
    """
    trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trainable if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in trainable if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return _build(config, [group for group in groups if group["params"]])


def _build(config: Optimizer, groups: Iterable[dict[str, Any]]) -> torch.optim.Optimizer:
    if isinstance(config, Sgd):
        return torch.optim.SGD(
            groups, lr=config.lr, momentum=config.momentum, nesterov=config.nesterov, fused=True
        )
    if isinstance(config, Adam):
        kind = torch.optim.AdamW if config.kind == "adamw" else torch.optim.Adam
        return kind(groups, lr=config.lr, betas=config.betas, eps=config.eps, fused=True)
    assert isinstance(config, RmsProp)  # noqa: S101 - the union's last member
    return torch.optim.RMSprop(
        groups, lr=config.lr, alpha=config.alpha, eps=config.eps, momentum=config.momentum, foreach=True
    )
