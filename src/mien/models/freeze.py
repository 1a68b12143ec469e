"""Fine-tuning of a ResNetV2: freeze the first layers of a pretrained body.

Layers are counted as in `base.layers` of Keras' ResNet50V2 without the top, since published recipes
use that count ("the last 50 layers"): input, padding, convolution, BatchNorm, activation, pooling and
addition are one layer each, in the order of its summary. ResNet50V2 has 190 layers; the last 50 begin
with `conv4_block5_3_conv`. In the `torch` layout the same parts are counted, without the three pooling
layers of the shortcuts (187).
"""

from collections.abc import Sequence

from torch import nn

from mien.models.resnet_v2 import Bottleneck, ResNetV2Body, ResNetV2Network


def freeze(network: ResNetV2Network, trainable: int | None) -> None:
    """Train only the last `trainable` layers of the body; attention and head are always trained.

    A frozen BatchNorm keeps its running statistics too, in training mode as well. State dicts
    don't contain what is frozen: call this again after building a network to resume with.

    Args:
        network: The network.
        trainable: Number of layers as Keras counts them (see the module), or None for all.
    """
    if trainable is None:
        network.requires_grad_(True)
        return
    layers = body_layers(network.body)
    first = max(0, len(layers) - trainable)
    for position, layer in enumerate(layers):
        if layer is not None:
            layer.requires_grad_(position >= first)
    network.train(network.training)


def body_layers(body: ResNetV2Body) -> Sequence[nn.Module | None]:
    """Return the body's layers in the order of Keras' summary, None for those without weights."""
    image, padding, pooling, activation = None, None, None, None
    stem = [image, padding, _conv(body.stem)]
    if hasattr(body.stem, "pool"):
        stem += [padding, pooling]
    blocks = [block for block in body.modules() if isinstance(block, Bottleneck)]
    return [*stem, *(layer for block in blocks for layer in _block_layers(block)), body.norm, activation]


def _block_layers(block: Bottleneck) -> list[nn.Module | None]:
    """Keras lists a shortcut's layer just before the last convolution, and omits an identity."""
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
