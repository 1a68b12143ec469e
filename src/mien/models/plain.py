"""Plain convolutional network: convolution stages, dense layers and a linear output layer in sequence."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from mien.config.base import Probability, Strict
from mien.errors import RecipeError
from mien.models.base import MAX_DEPTH, MAX_WIDTH, NetworkConfig, Width
from mien.models.blocks import DenseStage, classifier, conv_norm_relu, dense_layers, initialize, scaled


class ConvStage(Strict):
    """Convolutions of one width, followed by max-pooling that halves the feature map."""

    channels: int = Field(ge=1, le=MAX_WIDTH, examples=[32])
    kernel: int = Field(default=3, ge=1, le=11)
    convolutions: int = Field(default=1, ge=1, le=MAX_DEPTH)
    norm: bool = True
    """BatchNorm between convolution and ReLU."""
    padding: Literal["same", "valid"] = "same"
    pool: bool = True
    """2x2 max-pooling at the end of the stage."""
    dropout: Probability = 0.0
    """Dropout probability after the pooling."""


class Plain(NetworkConfig):
    """Convolution stages, then dense layers, then a linear output layer."""

    kind: Literal["plain"]
    stages: tuple[ConvStage, ...] = Field(min_length=1)
    dense: tuple[DenseStage, ...] = ()
    width: Width = 1.0
    """Multiplies the channels and units of every stage."""

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:
        """Return a `PlainNetwork`; see `NetworkConfig.build`."""
        return PlainNetwork(self, classes, size=size, channels=channels)


class PlainNetwork(nn.Module):
    """Module of `Plain`: float32 (n, channels, size, size) -> logits (n, classes).

    Args:
        config: Stages, dense layers and width multiplier.
        classes: Number of logits.
        size: Height and width of the faces in pixels.
        channels: 1 for gray faces, 3 for RGB.

    Raises:
        RecipeError: The stages reduce a face of `size` to nothing.
    """

    def __init__(self, config: Plain, classes: int, *, size: int = 48, channels: int = 1) -> None:
        super().__init__()
        left = size_after(config.stages, size)
        widths = [channels, *(scaled(stage.channels, config.width) for stage in config.stages)]
        self.stages = nn.Sequential(
            *(
                _conv_stage(stage, inputs, outputs)
                for stage, inputs, outputs in zip(config.stages, widths, widths[1:], strict=False)
            )
        )
        self.flatten = nn.Flatten()
        units = [widths[-1] * left * left, *(scaled(stage.units, config.width) for stage in config.dense)]
        self.dense = dense_layers(config.dense, units)
        initialize(self)
        self.classifier = classifier(units[-1], classes)

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits (n, classes) of preprocessed faces (n, channels, size, size)."""
        logits: Tensor = self.classifier(self.dense(self.flatten(self.stages(faces))))
        return logits


def size_after(stages: Sequence[ConvStage], size: int) -> int:
    """Return the height and width of the feature map after `stages`, for faces of `size` pixels.

    Raises:
        RecipeError: A stage reduces the feature map to nothing.
    """
    left = size
    for position, stage in enumerate(stages):
        before = left
        if stage.padding == "valid":
            left -= stage.convolutions * (stage.kernel - 1)
        left = left // 2 if stage.pool else left
        if left < 1:
            raise RecipeError(
                f"network.stages.{position}: a feature map of {before}x{before} is too small for this stage "
                f"(faces are {size}x{size}); remove the stage, use padding: same, or set pool: false"
            )
    return left


def _conv_stage(stage: ConvStage, inputs: int, outputs: int) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number in range(1, stage.convolutions + 1):
        layers[f"block{number}"] = conv_norm_relu(
            inputs if number == 1 else outputs, outputs, stage.kernel, padding=stage.padding, norm=stage.norm
        )
    if stage.pool:
        layers["pool"] = nn.MaxPool2d(2)
    if stage.dropout:
        layers["dropout"] = nn.Dropout(stage.dropout)
    return nn.Sequential(layers)
