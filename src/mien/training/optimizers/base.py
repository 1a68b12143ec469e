"""The protocol of an optimizer, and the parameter groups that it gets.

An optimizer is one subclass of `OptimizerConfig`. Register it under its `kind` in
`mien.config.parts.OPTIMIZERS`, or from another package by an entry point of the group "mien.optimizers".
"""

from collections.abc import Iterable, Mapping
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
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    """Factor of the learning rate from each layer to the one before it, counted from the head (Clark et al.
    2020); below 1, early layers, whose features are the most general, change less."""

    def build(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """Return the optimizer over parameter groups, which have their weight decay already.

        All its state must be in `state_dict()["state"]`, as tensors or numbers; a checkpoint keeps it.
        """
        raise NotImplementedError


def make_optimizer(
    config: OptimizerConfig, modules: Iterable[nn.Module], depths: Mapping[nn.Parameter, int] | None = None
) -> torch.optim.Optimizer:
    """Return the optimizer over the trainable parameters of `modules`.

    Weight decay applies to matrices and kernels only, not to biases and normalization parameters (He et
    al. 2019, section 3.1). With layer decay, each group has the key `lr_scale`, the factor of its learning
    rate.

    Args:
        config: The configuration.
        modules: The network, and the loss if it has parameters.
        depths: Layers behind a parameter; 0 if it isn't listed. Used by layer decay only.
    """
    trainable = [p for module in modules for p in module.parameters() if p.requires_grad]
    if config.layer_decay == 1:
        return config.build(_groups(trainable, config.weight_decay))
    below: dict[int, list[nn.Parameter]] = {}
    for parameter in trainable:
        below.setdefault((depths or {}).get(parameter, 0), []).append(parameter)
    return config.build([
        {**group, "lr_scale": config.layer_decay**depth}
        for depth, parameters in sorted(below.items())
        for group in _groups(parameters, config.weight_decay)
    ])  # fmt: skip


def _groups(parameters: list[nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]
