"""A first layer that isn't learned: filters that whiten the patches of the training faces.

Neighboring pixels say nearly the same; after whitening every filter says something of its own,
and all of them with the same strength, so that the layers behind learn faster (Jordan 2024, after
Page 2018). The filters stay as they are while the network learns.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FACES = 3000
"""Faces whose patches are looked at; more change nothing."""

_LEAST_VARIANCE = 1e-2
"""Added to variances, so that directions that hold hardly more than noise aren't blown up."""


def whiten(conv: nn.Module, faces: Tensor) -> None:
    """Give a convolution the whitening filters of `faces` and freeze it.

    Its first filters are the k^2 directions of the patches, the strongest first, the next ones the
    same with the opposite sign, since a ReLU behind them lets one sign through. Filters beyond
    2 k^2 keep what they were.

    Args:
        conv: Takes one channel, has a square kernel of side k.
        faces: Prepared faces, (n, 1, side, side).
    """
    assert isinstance(conv, nn.Conv2d)  # noqa: S101 - what a stem begins with
    filters = whitening_filters(faces, conv.kernel_size[0], conv.stride[0])
    both = torch.cat([filters, -filters])[: conv.out_channels]
    with torch.no_grad():
        conv.weight[: len(both)] = both
    conv.weight.requires_grad_(False)


def whitening_filters(faces: Tensor, size: int, stride: int) -> Tensor:
    """Return the principal directions of patches, each divided by its deviation: (k^2, 1, k, k).

    Args:
        faces: float, (n, 1, height, width).
        size: k, the side of a patch.
        stride: Pixels between patches.
    """
    patches = F.unfold(faces, size, stride=stride).transpose(1, 2).reshape(-1, size * size)
    variances, directions = torch.linalg.eigh(patches.T @ patches / len(patches))
    filters: Tensor = (directions / (variances + _LEAST_VARIANCE).sqrt()).T.flip(0)
    return filters.reshape(-1, 1, size, size)
