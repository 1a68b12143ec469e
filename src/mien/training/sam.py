"""Sharpness-aware minimization: a step goes by the gradient at weights close by where the loss is higher.

Foret et al. 2021, "Sharpness-aware minimization for efficiently improving generalization".
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def sam_perturbation(network: nn.Module, radius: float) -> Iterator[None]:
    """Move the weights by `radius` along their gradients, and back to where they were at the end.

    The gradients are used up: there are none inside. The running statistics of BatchNorm stand still
    inside, since they are those of the weights outside. Gradients that are all zero, or not finite, as
    those of float16 now and then, move nothing.

    Args:
        network: With a gradient for each weight that shall move.
        radius: Euclidean length of the way; rho in the paper.
    """
    weights = [weight for weight in network.parameters() if weight.grad is not None]
    kept = [weight.detach().clone() for weight in weights]
    try:
        _move(weights, radius)
        network.zero_grad()
        with _still_statistics(network):
            yield
    finally:
        with torch.no_grad():
            for weight, before in zip(weights, kept, strict=True):
                weight.copy_(before)


@torch.no_grad()
def _move(weights: list[nn.Parameter], radius: float) -> None:
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack([gradient.norm() for gradient in gradients]))
    factor = torch.where(norm.isfinite() & (norm > 0), radius / norm, 0)
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.add_((gradient * factor).nan_to_num(0, 0, 0))


@contextmanager
def _still_statistics(network: nn.Module) -> Iterator[None]:
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta = [module.momentum for module in norms]
    try:
        for module in norms:
            module.momentum = 0.0
        yield
    finally:
        for module, momentum in zip(norms, momenta, strict=True):
            module.momentum = momentum
