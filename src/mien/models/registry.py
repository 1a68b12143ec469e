"""The table of families: which builder makes the network that a config class describes.

A new family is one file beside this one and one line in `BUILDERS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from torch import nn

from mien.config.network import Network, Plain, ResNet9, ResNetV2
from mien.errors import RecipeError
from mien.models.plain import PlainNetwork
from mien.models.resnet9 import ResNet9Network
from mien.models.resnet_v2 import ResNetV2Network

BUILDERS: Final[Mapping[type, Callable[[Any, int, int], nn.Module]]] = {
    Plain: lambda config, classes, size: PlainNetwork(config, classes, size=size),
    ResNet9: lambda config, classes, size: ResNet9Network(config, classes, size=size),
    ResNetV2: lambda config, classes, _: ResNetV2Network(config, classes),
}
"""Takes config, classes and side; families that end in a global pooling need no side."""


def build_network(config: Network, classes: int, *, size: int = 48) -> nn.Module:
    """Build the network that `config` describes, freshly initialized.

    The weights come from torch's global generator: seed it first for a repeatable start.

    Args:
        config: The `network` part of a recipe.
        classes: How many logits the network gives, at least 2.
        size: Side of the faces, in pixels.

    Returns:
        A module in training mode: float32 (n, 1, side, side), prepared -> logits (n, classes).

    Raises:
        RecipeError: The config's stages don't fit a face, its weights don't fit into memory, or there
            are fewer than two classes.
    """
    if classes < 2:
        raise RecipeError(f"a network needs at least 2 classes to tell apart, got {classes}")
    try:
        return BUILDERS[type(config)](config, classes, size)
    except RuntimeError as error:
        # torch has no error of its own for memory that it can't get.
        if "allocate memory" not in str(error):
            raise
        raise RecipeError(
            "network: its weights don't fit into memory; lower network.width, or channels, units and depth"
        ) from error
