"""CBAM, the convolutional block attention module (Woo et al. 2018, arXiv 1807.06521).

First every channel, then every position of a feature map is weighted by a factor from 0 to 1 that is
computed from the feature map.
"""

from typing import Final

import torch
from torch import Tensor, nn

REDUCTION: Final = 16
"""The paper's reduction ratio: channels over units of the hidden layer."""

KERNEL: Final = 7
"""The paper's kernel of the spatial attention."""


class ChannelAttention(nn.Module):
    """Weight channels by sigmoid(mlp(mean) + mlp(max)), both taken over positions (eq. 2).

    The two-layer perceptron is shared by both descriptors and has no biases, as in the paper.

    Args:
        channels: Channels of the feature map.
        reduction: `channels // reduction` units, at least one, are in the hidden layer.
    """

    def __init__(self, channels: int, reduction: int = REDUCTION) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.squeeze = nn.Linear(channels, hidden, bias=False)
        self.relu = nn.ReLU()
        self.expand = nn.Linear(hidden, channels, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return `features` (n, channels, height, width) with weighted channels."""
        pooled = torch.stack([features.mean((2, 3)), features.amax((2, 3))], dim=1)
        weights: Tensor = self.expand(self.relu(self.squeeze(pooled))).sum(1).sigmoid()
        return features * weights[:, :, None, None]


class SpatialAttention(nn.Module):
    """Weight positions by sigmoid(conv([mean, max])), both taken over channels (eq. 3).

    Args:
        kernel: Side of the convolution's kernel, odd.
    """

    def __init__(self, kernel: int = KERNEL) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return `features` (n, channels, height, width) with weighted positions."""
        pooled = torch.cat([features.mean(1, keepdim=True), features.amax(1, keepdim=True)], dim=1)
        weights: Tensor = self.conv(pooled).sigmoid()
        return features * weights


class Cbam(nn.Sequential):
    """Channel attention, then spatial attention, in the order that the paper found best.

    Args:
        channels: Channels of the feature map.
        reduction: See `ChannelAttention`.
    """

    def __init__(self, channels: int, reduction: int = REDUCTION) -> None:
        super().__init__()
        self.channel = ChannelAttention(channels, reduction)
        self.spatial = SpatialAttention()
