"""A network of depthwise separable convolutions (Howard et al. 2017, "MobileNets")."""

from itertools import pairwise
from typing import Literal

from pydantic import Field
from torch import nn

from mien.models.base import NetworkConfig


class Separable(NetworkConfig):
    """Separable convolutions, each followed by max-pooling, then global average pooling."""

    kind: Literal["separable"]
    channels: tuple[int, ...] = Field(default=(16, 32, 64), min_length=1)
    """Output channels of each convolution."""

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:
        """Return the network; global pooling accepts faces of any size."""
        layers = [_separable(*pair) for pair in pairwise((channels, *self.channels))]
        pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        return nn.Sequential(*layers, pool, nn.Linear(self.channels[-1], classes))

    def smallest_size(self, size: int) -> int:
        """Return the smallest face that the pooling layers leave at least one value of."""
        return min(size, 2 ** len(self.channels))


def _separable(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
