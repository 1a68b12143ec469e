"""The plain family: convolution stages, dense layers, classifier, in one straight line."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from mien.config.network import ConvStage, Plain
from mien.errors import RecipeError
from mien.models.blocks import classifier, conv_norm_relu, dense_layers, initialize, scaled


class PlainNetwork(nn.Module):
    """A network after `Plain`: float32 (n, 1, side, side) -> logits (n, classes).

    Args:
        config: Stages, dense layers and the size dial.
        classes: How many logits.
        size: Side of the faces, in pixels.

    Raises:
        RecipeError: The stages shrink a face of `side` to nothing.
    """

    def __init__(self, config: Plain, classes: int, *, size: int = 48) -> None:
        super().__init__()
        left = size_after(config.stages, size)
        widths = [1, *(scaled(stage.channels, config.width) for stage in config.stages)]
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
        """Return logits (n, classes) of prepared faces (n, 1, side, side)."""
        logits: Tensor = self.classifier(self.dense(self.flatten(self.stages(faces))))
        return logits


def size_after(stages: Sequence[ConvStage], size: int) -> int:
    """Return the side of the feature map that `stages` leave of a face of `side` pixels.

    Raises:
        RecipeError: Nothing is left after one of them.
    """
    left = size
    for position, stage in enumerate(stages):
        before = left
        if stage.padding == "valid":
            left -= stage.convolutions * (stage.kernel - 1)
        left = left // 2 if stage.pool else left
        if left < 1:
            raise RecipeError(
                f"network.stages.{position}: a map of side {before} is too small for this stage "
                f"(faces have side {size}); leave the stage out, use padding: same, or set pool: false"
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
