"""The ResNet-9 family: a strided stem, stages of convolution, pooling and residual pairs, a pooled grid.

After the networks that hold the speed records on CIFAR-10 (Page 2018, "How to train your ResNet";
Jordan 2024, "94% on CIFAR-10 in 3.29 seconds"). Pooling stands before BatchNorm and ReLU, which
then work on a quarter of the numbers: on a CPU these two take as long as the convolutions.
"""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional as F

from mien.config.network import PairStage, ResNet9, Stem
from mien.errors import RecipeError
from mien.models.blocks import classifier, dense_layers, initialize, scaled


class ResNet9Network(nn.Module):
    """A network after `ResNet9`: float32 (n, 1, side, side) -> logits (n, classes).

    It takes faces of any side that its stages don't shrink to nothing, whatever `side` was.

    Args:
        config: Stem, stages, head and the size dial.
        classes: How many logits.
        size: Side of the faces when they have their own size, in pixels.

    Raises:
        RecipeError: The stages shrink a face of `side` to nothing, or the grid doesn't fit their map.
    """

    def __init__(self, config: ResNet9, classes: int, *, size: int = 48) -> None:
        super().__init__()
        _require_a_map(config, size)
        channels = [config.stem.channels, *(stage.channels for stage in config.stages)]
        widths = [scaled(count, config.width) for count in channels]
        self.stem = _stem(config.stem, widths[0])
        self.stages = nn.Sequential(
            *(
                _stage(stage, inputs, outputs)
                for stage, inputs, outputs in zip(config.stages, widths, widths[1:], strict=False)
            )
        )
        self.grid = config.grid
        self.pool = (
            nn.AdaptiveMaxPool2d(config.grid) if config.pool == "max" else nn.AdaptiveAvgPool2d(config.grid)
        )
        self.dropout = nn.Dropout(config.dropout)
        units = [widths[-1] * config.grid**2, *(scaled(stage.units, config.width) for stage in config.dense)]
        self.dense = dense_layers(config.dense, units)
        initialize(self)
        _start_as_identity(self)
        self.classifier = classifier(units[-1], classes)

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits (n, classes) of prepared faces (n, 1, side, side)."""
        maps = self.stages(self.stem(faces))
        # Adaptive pooling to the size that is there already would only cost time, and is hard to export.
        grid = maps if maps.shape[2] == self.grid else self.pool(maps)
        logits: Tensor = self.classifier(self.dense(self.dropout(grid.flatten(1))))
        return logits


class ResidualPair(nn.Module):
    """Two 3x3 convolutions with BatchNorm beside an identity: (n, channels, h, w) -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Return relu(maps + what the pair makes of them)."""
        inner = F.relu(self.norm1(self.conv1(maps)))
        return F.relu(maps + self.norm2(self.conv2(inner)))


def size_after(config: ResNet9, size: int) -> int:
    """Return the side of the last map of a face of `side` pixels; 0 if nothing is left."""
    left = (size + 2 * _margin(config.stem) - config.stem.kernel) // config.stem.stride + 1
    return left >> len(config.stages)


def _require_a_map(config: ResNet9, size: int) -> None:
    left = size_after(config, size)
    if left < 1:
        raise RecipeError(
            f"network.stages: {len(config.stages)} stages after the stem halve a face of side {size} to "
            "nothing; leave stages out, or lower network.stem.stride"
        )
    if left % config.grid:
        raise RecipeError(
            f"network.grid: {config.grid} doesn't divide the side of the last map, {left} for faces of side "
            f"{size}; take a divisor of {left}"
        )


def _margin(stem: Stem) -> int:
    """Padding that makes the map side / stride; at stride 1 an even kernel makes it one larger."""
    return (stem.kernel - stem.stride + 1) // 2


def _stem(stem: Stem, channels: int) -> nn.Sequential:
    conv = nn.Conv2d(1, channels, stem.kernel, stem.stride, _margin(stem), bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(channels), relu=nn.ReLU()))


def _stage(stage: PairStage, inputs: int, outputs: int) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["conv"] = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    layers["pool"] = nn.MaxPool2d(2)
    layers["norm"] = nn.BatchNorm2d(outputs)
    layers["relu"] = nn.ReLU()
    for number in range(1, stage.pairs + 1):
        layers[f"pair{number}"] = ResidualPair(outputs)
    if stage.dropout:
        layers["dropout"] = nn.Dropout(stage.dropout)
    return nn.Sequential(layers)


def _start_as_identity(network: nn.Module) -> None:
    """Let residual pairs begin as the identity (Goyal et al. 2017): high rates diverge otherwise.

    The convolutions between them begin by passing on what comes in, beside new filters (Jordan 2024).
    """
    for module in network.modules():
        if isinstance(module, ResidualPair):
            nn.init.zeros_(module.norm2.weight)
        elif isinstance(module, nn.Conv2d) and 1 < module.in_channels < module.out_channels:
            nn.init.dirac_(module.weight[: module.in_channels])
