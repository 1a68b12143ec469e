"""A first convolution that whitens the patches of the training faces and isn't trained.

Neighboring pixels are correlated; after whitening the filters' outputs are uncorrelated and have
equal variance, so that the layers behind them train faster (Jordan 2024, after Page 2018).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_EPSILON = 1e-2
"""Added to variances, so that directions that contain little more than noise aren't amplified."""


def whiten(conv: nn.Module, faces: Tensor) -> None:
    """Set the weights of a convolution to the whitening filters of `faces` and freeze them.

    The filters are the principal directions of the patches, the strongest first, and the same with the
    opposite sign, since a ReLU behind them passes only one sign. Of an RGB face only as many directions
    are used as fit with both signs. Further filters keep their weights.

    Args:
        conv: A `Conv2d` with a square kernel.
        faces: Preprocessed faces, (n, channels, size, size).
    """
    assert isinstance(conv, nn.Conv2d)  # noqa: S101 - the first layer of a stem
    filters = whitening_filters(faces, conv.kernel_size[0], conv.stride[0])
    if conv.in_channels > 1:
        filters = filters[: conv.out_channels // 2]
    both = torch.cat([filters, -filters])[: conv.out_channels]
    with torch.no_grad():
        conv.weight[: len(both)] = both
    conv.weight.requires_grad_(False)


def whitening_filters(faces: Tensor, size: int, stride: int) -> Tensor:
    """Return the principal directions of patches, each divided by its standard deviation.

    Args:
        faces: float, (n, channels, height, width).
        size: k, the height and width of a patch.
        stride: Pixels between patches.

    Returns:
        (channels k^2, channels, k, k).
    """
    channels = faces.shape[1]
    length = channels * size * size
    patches = F.unfold(faces, size, stride=stride).transpose(1, 2).reshape(-1, length)
    variances, directions = torch.linalg.eigh(patches.T @ patches / len(patches))
    filters: Tensor = (directions / (variances + _EPSILON).sqrt()).T.flip(0)
    return filters.reshape(-1, channels, size, size)
