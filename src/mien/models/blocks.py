"""Layers that several networks use: scaled widths, convolution blocks, dense layers, initialization."""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise

from pydantic import Field
from torch import nn

from mien.config.base import Probability, Strict
from mien.models.base import MAX_WIDTH


class DenseStage(Strict):
    """A fully connected layer with ReLU between the convolutions and the last layer."""

    units: int = Field(ge=1, le=MAX_WIDTH, examples=[128])
    norm: bool = False
    """BatchNorm between the linear layer and ReLU."""
    dropout: Probability = 0.0


def scaled(count: int, width: float) -> int:
    """Return `count` channels or units at the width multiplier `width`.

    Unless `width` is 1, the result is a multiple of 8 (at least 8), which processors compute fastest.
    """
    return count if width == 1 else max(8, 8 * round(count * width / 8))


def conv_norm_relu(inputs: int, outputs: int, kernel: int, *, padding: str, norm: bool) -> nn.Sequential:
    """Return convolution, BatchNorm where `norm` is set, and ReLU.

    Args:
        inputs: Input channels.
        outputs: Output channels.
        kernel: Side of the kernel.
        padding: `same` keeps the size of the feature map, `valid` shrinks it by `kernel - 1`.
        norm: BatchNorm follows the convolution, which then needs no bias.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    symmetric = kernel // 2 if padding == "same" else 0
    if padding == "same" and kernel % 2 == 0:
        before, after, symmetric = (kernel - 1) // 2, kernel // 2, 0
        layers["pad"] = nn.ZeroPad2d((before, after, before, after))
    layers["conv"] = nn.Conv2d(inputs, outputs, kernel, padding=symmetric, bias=not norm)
    if norm:
        layers["norm"] = nn.BatchNorm2d(outputs)
    layers["relu"] = nn.ReLU()
    return nn.Sequential(layers)


def dense_layers(stages: Sequence[DenseStage], units: Sequence[int]) -> nn.Sequential:
    """Return fully connected layers, each with optional BatchNorm, ReLU and optional dropout.

    Args:
        stages: One per layer; their own `units` are ignored.
        units: Input units, then the units of each layer.
    """
    sizes = pairwise(units)
    return nn.Sequential(*(_dense_layer(stage, *inout) for stage, inout in zip(stages, sizes, strict=True)))


def _dense_layer(stage: DenseStage, inputs: int, outputs: int) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["linear"] = nn.Linear(inputs, outputs, bias=not stage.norm)
    if stage.norm:
        layers["norm"] = nn.BatchNorm1d(outputs)
    layers["relu"] = nn.ReLU()
    if stage.dropout:
        layers["dropout"] = nn.Dropout(stage.dropout)
    return nn.Sequential(layers)


def initialize(network: nn.Module) -> None:
    """Draw He-normal weights (He et al. 2015) for every convolution and linear layer.

    Convolutions keep the variance of gradients (fan-out), linear layers that of activations
    (fan-in). Biases start at zero.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def classifier(inputs: int, classes: int) -> nn.Linear:
    """Return a linear layer whose initial logits are near zero: no class is favored at the start.

    Create it after calling `initialize` on the rest of the network, which would overwrite its weights.
    """
    layer = nn.Linear(inputs, classes)
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.zeros_(layer.bias)
    return layer
