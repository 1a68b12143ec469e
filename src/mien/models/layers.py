"""Which layers count as layers of a network."""

from typing import Final

from torch import nn

WEIGHTED: Final = (nn.Conv2d, nn.Linear)
"""Convolutions and linear layers."""
