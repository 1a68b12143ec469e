"""From a recipe's `network` section to a torch module."""

from typing import TYPE_CHECKING

from torch import nn

from mien.errors import RecipeError

if TYPE_CHECKING:
    from mien.models.base import NetworkConfig


def build_network(config: "NetworkConfig", classes: int, *, size: int = 48, channels: int = 1) -> nn.Module:
    """Build the network that `config` describes, with new weights.

    The weights are drawn from torch's global generator: seed it first for a reproducible start.

    Args:
        config: The `network` section of a recipe.
        classes: Number of logits, at least 2.
        size: Height and width of the faces in pixels.
        channels: 1 for gray faces, 3 for RGB.

    Returns:
        A module in training mode: float32 (n, channels, size, size), preprocessed -> logits (n, classes).

    Raises:
        RecipeError: The config doesn't fit such faces, its weights don't fit into memory, or there are
            fewer than two classes.
    """
    if classes < 2:
        raise RecipeError(f"a network needs at least 2 classes, got {classes}")
    try:
        return config.build(classes, size=size, channels=channels)
    except RuntimeError as error:
        # torch has no error class of its own for memory that it can't allocate.
        if "allocate memory" not in str(error):
            raise
        raise RecipeError(
            "network: its weights don't fit into memory; lower network.width, or channels, units and depth"
        ) from error
