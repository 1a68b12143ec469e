"""Fine-tuning: keep the first layers of a pretrained body as they are.

Layers are counted as Keras counts `base.layers` of its ResNet50V2 without the top, because that
is how recipes in the field say "the last 50 layers": input, padding, convolution, BatchNorm,
activation, pooling and addition are one layer each, in the order of its summary. The 50V2 has
190 there; its last 50 begin with `conv4_block5_3_conv`. In the `torch` layout the same parts are
counted, only the three poolings of the shortcuts don't exist (187).
"""

from collections.abc import Sequence

from torch import nn

from mien.errors import RecipeError
from mien.models.resnet_v2 import Bottleneck, ResNetV2Body, ResNetV2Network


def freeze(network: nn.Module, trainable: int | None) -> None:
    """Let only the last `trainable` layers of the body learn; attention and head always learn.

    A frozen BatchNorm keeps its running statistics too, whatever `train()` is told. State dicts
    don't hold what is frozen: call this again after building a network to resume with.

    Args:
        network: What `build_network` gave.
        trainable: Layers in Keras' counting (see the module), or None for all of them.

    Raises:
        RecipeError: The network is of a family without a pretrained body.
    """
    if trainable is None:
        network.requires_grad_(True)
        return
    if not isinstance(network, ResNetV2Network):
        raise RecipeError(
            "network.trainable: only the family resnetv2 has a body to freeze; leave the key out"
        )
    layers = body_layers(network.body)
    first = max(0, len(layers) - trainable)
    for position, layer in enumerate(layers):
        if layer is not None:
            layer.requires_grad_(position >= first)
    network.train(network.training)


def body_layers(body: ResNetV2Body) -> Sequence[nn.Module | None]:
    """Return the body's layers in the order of Keras' summary, None for those without weights."""
    picture, padding, pooling, activation = None, None, None, None
    stem = [picture, padding, _conv(body.stem)]
    if hasattr(body.stem, "pool"):
        stem += [padding, pooling]
    blocks = [block for block in body.modules() if isinstance(block, Bottleneck)]
    return [*stem, *(layer for block in blocks for layer in _block_layers(block)), body.norm, activation]


def _block_layers(block: Bottleneck) -> list[nn.Module | None]:
    """Keras lists a shortcut's layer just before the last convolution, an identity not at all."""
    activation, padding, addition = None, None, None
    shortcut = [] if isinstance(block.shortcut, nn.Identity) else [block.shortcut]
    return [
        block.norm1, activation,
        block.conv1, block.norm2, activation,
        padding, block.conv2, block.norm3, activation,
        *shortcut, block.conv3, addition,
    ]  # fmt: skip


def _conv(stem: nn.Sequential) -> nn.Module:
    return stem.get_submodule("conv")
