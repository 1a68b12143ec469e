"""ResNet-9: a strided stem, stages of convolution, pooling and residual pairs, pooling to a grid.

Based on fast networks for CIFAR-10 (Page 2018, "How to train your ResNet"; Jordan 2024, "94% on
CIFAR-10 in 3.29 seconds"). Pooling precedes BatchNorm and ReLU, which then process a quarter of the
values: on a CPU these two take as long as the convolutions.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from mien.config.base import Probability, Strict
from mien.errors import RecipeError
from mien.limits import INPUT_SIZES
from mien.models.base import MAX_DEPTH, MAX_WIDTH, NetworkConfig, Width
from mien.models.blocks import DenseStage, classifier, dense_layers, initialize, scaled
from mien.models.whiten import whiten

WHITENING_VALUES: Final = 3000 * 48 * 48
"""Pixel values that determine the whitening filters, 3000 gray faces of 48x48; more make no difference."""


class Stem(Strict):
    """The first convolution; a stride of 2 halves the feature map where it is most expensive."""

    channels: int = Field(default=32, ge=1, le=MAX_WIDTH)
    kernel: int = Field(default=4, ge=1, le=11)
    stride: int = Field(default=2, ge=1, le=4)
    whiten: bool = False
    """Use filters that whiten patches of the training faces, and freeze them (Page 2018)."""

    @model_validator(mode="after")
    def _skips_nothing(self) -> Self:
        if self.kernel < self.stride:
            raise ValueError(f"kernel must be at least stride: {self.kernel} < {self.stride}")
        return self


class PairStage(Strict):
    """A convolution, pooling that halves the feature map, and residual pairs of convolutions."""

    channels: int = Field(ge=1, le=MAX_WIDTH, examples=[32])
    pairs: int = Field(default=1, ge=0, le=MAX_DEPTH)
    """Residual pairs of convolutions after the pooling."""
    dropout: Probability = 0.0
    """Dropout probability at the end of the stage."""


class ResNet9(NetworkConfig):
    """A small residual network that accepts faces of different sizes."""

    kind: Literal["resnet9"]
    stem: Stem = Stem()
    stages: tuple[PairStage, ...] = Field(min_length=1)
    pool: Literal["max", "avg"] = "max"
    """Adaptive pooling of the last feature map to a grid of fixed size."""
    grid: int = Field(default=1, ge=1, lt=INPUT_SIZES.stop)
    """Height and width of that grid: 1 is global pooling, more keeps the position in the face."""
    dense: tuple[DenseStage, ...] = ()
    """Fully connected layers between the grid and the output layer."""
    dropout: Probability = 0.0
    """Dropout probability of the grid."""
    width: Width = 1.0
    """Multiplies the channels and units of stem, stages and dense layers."""

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:
        """Return a `ResNet9Network`; see `NetworkConfig.build`."""
        return ResNet9Network(self, classes, size=size, channels=channels)

    def smallest_size(self, size: int) -> int:
        """Return the smallest face of which a feature map is left after the last stage."""
        return next(smaller for smaller in range(1, size + 1) if size_after(self, smaller))

    def initialize(self, network: nn.Module, sample: Callable[[int], Tensor]) -> None:
        """Whiten the stem if the recipe requests it."""
        if self.stem.whiten:
            count = max(1, WHITENING_VALUES // sample(1).numel())
            whiten(network.get_submodule("stem.conv"), sample(count))


class ResNet9Network(nn.Module):
    """Module of `ResNet9`: float32 (n, channels, size, size) -> logits (n, classes).

    It accepts faces of any size that leaves a feature map after the last stage.

    Args:
        config: Stem, stages, head and width multiplier.
        classes: Number of logits.
        size: Height and width of the full-size faces in pixels.
        channels: 1 for gray faces, 3 for RGB.

    Raises:
        RecipeError: The stages reduce a face of `size` to nothing.
    """

    def __init__(self, config: ResNet9, classes: int, *, size: int = 48, channels: int = 1) -> None:
        super().__init__()
        _require_a_map(config, size)
        counts = [config.stem.channels, *(stage.channels for stage in config.stages)]
        widths = [scaled(count, config.width) for count in counts]
        self.stem = _stem(config.stem, channels, widths[0])
        self.stages = nn.Sequential(
            *(
                _stage(stage, inputs, outputs)
                for stage, inputs, outputs in zip(config.stages, widths, widths[1:], strict=False)
            )
        )
        self.grid = config.grid
        self.pool = _pool(config, size)
        self.dropout = nn.Dropout(config.dropout)
        units = [widths[-1] * config.grid**2, *(scaled(stage.units, config.width) for stage in config.dense)]
        self.dense = dense_layers(config.dense, units)
        initialize(self)
        _start_as_identity(self.stages)
        self.classifier = classifier(units[-1], classes)

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits (n, classes) of preprocessed faces (n, channels, height, width)."""
        maps = self.stages(self.stem(faces))
        # Adaptive pooling to the same size would only cost time, and is hard to export.
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
        """Return relu(maps + residual(maps))."""
        inner = F.relu(self.norm1(self.conv1(maps)))
        return F.relu(maps + self.norm2(self.conv2(inner)))


class WindowPool(nn.Module):
    """Adaptive pooling to a grid that doesn't divide the map.

    float32 (n, channels, h, w) -> (n, channels, grid, grid). It equals `AdaptiveMaxPool2d` and
    `AdaptiveAvgPool2d`, which ONNX can't express for such maps: window i of s pixels is
    floor(i * s / grid) to ceil((i + 1) * s / grid). Windows overlap; on a map smaller than the grid they
    repeat pixels.
    """

    def __init__(self, grid: int, kind: Literal["max", "avg"]) -> None:
        super().__init__()
        self.grid = grid
        self.kind = kind

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maximum or the mean of each window."""
        # Windows are rectangles, so their mean is the mean of the means of their columns.
        return self._reduced(self._reduced(maps, 2), 3)

    def _reduced(self, maps: Tensor, dim: int) -> Tensor:
        size = maps.shape[dim]
        windows = [maps.narrow(dim, start, end - start) for start, end in pooling_windows(size, self.grid)]
        if self.kind == "max":
            return torch.cat([window.amax(dim, keepdim=True) for window in windows], dim)
        return torch.cat([window.mean(dim, keepdim=True) for window in windows], dim)


def pooling_windows(size: int, grid: int) -> list[tuple[int, int]]:
    """Return the first and the last pixel, exclusive, of `grid` windows that cover `size` pixels."""
    return [(i * size // grid, -(-(i + 1) * size // grid)) for i in range(grid)]


def size_after(config: ResNet9, size: int) -> int:
    """Return the height and width of the last feature map for faces of `size` pixels; 0 if none is left."""
    left = (size + 2 * _margin(config.stem) - config.stem.kernel) // config.stem.stride + 1
    return left >> len(config.stages)


def _require_a_map(config: ResNet9, size: int) -> None:
    left = size_after(config, size)
    if left < 1:
        raise RecipeError(
            f"network.stages: {len(config.stages)} stages after the stem reduce a face of {size}x{size} to "
            "nothing; remove stages, or lower network.stem.stride"
        )


def _pool(config: ResNet9, size: int) -> nn.Module:
    """Return the pooling to the grid; torch's own, which is faster, where ONNX can express it."""
    if size_after(config, size) % config.grid:
        return WindowPool(config.grid, config.pool)
    return nn.AdaptiveMaxPool2d(config.grid) if config.pool == "max" else nn.AdaptiveAvgPool2d(config.grid)


def _margin(stem: Stem) -> int:
    """Padding for an output of size / stride; at stride 1 an even kernel makes it one larger."""
    return (stem.kernel - stem.stride + 1) // 2


def _stem(stem: Stem, inputs: int, outputs: int) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, stem.kernel, stem.stride, _margin(stem), bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(outputs), relu=nn.ReLU()))


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


def _start_as_identity(stages: nn.Module) -> None:
    """Initialize residual pairs as the identity (Goyal et al. 2017): high learning rates diverge otherwise.

    The convolutions between them start with identity filters for their input channels (Jordan 2024).
    """
    for module in stages.modules():
        if isinstance(module, ResidualPair):
            nn.init.zeros_(module.norm2.weight)
        elif isinstance(module, nn.Conv2d) and 1 < module.in_channels < module.out_channels:
            nn.init.dirac_(module.weight[: module.in_channels])
