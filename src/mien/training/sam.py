"""Sharpness-aware minimization: each step uses the gradient at nearby weights with a higher loss.

Foret et al. 2021, "Sharpness-aware minimization for efficiently improving generalization".
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def sam_perturbation(network: nn.Module, rho: float) -> Iterator[None]:
    """Context in which the weights are moved by `rho` along their gradients; restored on exit.

    The gradients are cleared on entry. BatchNorm's running statistics don't change inside, since they
    belong to the unperturbed weights. Gradients that are all zero or not finite, as occasionally in
    float16, leave the weights unchanged.

    Args:
        network: Weights without a gradient aren't moved.
        rho: Euclidean norm of the perturbation.
    """
    weights = [weight for weight in network.parameters() if weight.grad is not None]
    kept = [weight.detach().clone() for weight in weights]
    try:
        _move(weights, rho)
        network.zero_grad()
        with _frozen_statistics(network):
            yield
    finally:
        with torch.no_grad():
            for weight, before in zip(weights, kept, strict=True):
                weight.copy_(before)


@torch.no_grad()
def _move(weights: list[nn.Parameter], rho: float) -> None:
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack([gradient.norm() for gradient in gradients]))
    factor = torch.where(norm.isfinite() & (norm > 0), rho / norm, 0)
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.add_((gradient * factor).nan_to_num(0, 0, 0))


@contextmanager
def _frozen_statistics(network: nn.Module) -> Iterator[None]:
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta = [module.momentum for module in norms]
    try:
        for module in norms:
            module.momentum = 0.0
        yield
    finally:
        for module, momentum in zip(norms, momenta, strict=True):
            module.momentum = momentum
