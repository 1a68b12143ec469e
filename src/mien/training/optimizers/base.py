"""The protocol of an optimizer, and the parameter groups that it gets.

An optimizer is one subclass of `OptimizerConfig`. Register it under its `kind` in
`mien.config.parts.OPTIMIZERS`, or from another package by an entry point of the group "mien.optimizers".
"""

from collections.abc import Iterable
from typing import Any

import torch
from pydantic import Field
from torch import nn

from mien.config.base import Part
from mien.limits import MAX_RATE


class OptimizerConfig(Part):
    """Base class of an optimizer's configuration: the keys of a recipe's `optimizer` section."""

    lr: float = Field(default=1e-3, gt=0, le=MAX_RATE)
    """Learning rate, which the schedule multiplies."""
    weight_decay: float = Field(default=0.0, ge=0, le=MAX_RATE)
    """Weight decay of weights; biases and normalization parameters have none."""

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return the optimizer over parameter groups, which have their weight decay already.

        All its state must be in `state_dict()["state"]`, as tensors or numbers; a checkpoint keeps it.
        """
        raise NotImplementedError


def make_optimizer(config: OptimizerConfig, modules: Iterable[nn.Module]) -> torch.optim.Optimizer:
    """Return the optimizer over the trainable parameters of `modules`.

    Weight decay applies to matrices and kernels only, not to biases and normalization parameters (He et
    al. 2019, section 3.1).
    """
    trainable = [p for module in modules for p in module.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trainable if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in trainable if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return config.build([group for group in groups if group["params"]])
