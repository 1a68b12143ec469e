"""Sharpness-aware minimisation: a step goes by the gradient at weights close by where the loss is higher.

Foret et al. 2021, "Sharpness-aware minimization for efficiently improving generalization".
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def at_worse_weights(network: nn.Module, radius: float) -> Iterator[None]:
    """Move the weights by `radius` along their gradients, and back to where they were at the end.

    The gradients are used up: there are none inside. The running statistics of BatchNorm stand still
    inside, since they are those of the weights outside. Gradients that are all zero, or not finite, as
    those of float16 now and then, move nothing.

    Args:
        network: With a gradient for each weight that shall move.
        radius: Euclidean length of the way; rho in the paper.
    """
    weights = [weight for weight in network.parameters() if weight.grad is not None]
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack([gradient.norm() for gradient in gradients]))
    kept = [weight.detach().clone() for weight in weights]
    if 0 < norm < torch.inf:
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.add_(gradient * (radius / norm))
    network.zero_grad()
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta = [module.momentum for module in norms]
    for module in norms:
        module.momentum = 0.0
    try:
        yield
    finally:
        for module, momentum in zip(norms, momenta, strict=True):
            module.momentum = momentum
        with torch.no_grad():
            for weight, before in zip(weights, kept, strict=True):
                weight.copy_(before)
