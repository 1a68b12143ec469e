"""The protocol of a network: what a recipe says of it, how it is built, and optional hooks.

A network is one subclass of `NetworkConfig` beside its module. Its fields are the keys of the
recipe's `network` section, `build` makes the module, and every other method has a default that
suits a plain classifier. Register it under its `kind` in `mien.config.parts.NETWORKS`, or from
another package by an entry point of the group "mien.networks".

    class Linear(NetworkConfig):
        kind: Literal["linear"]

        def build(self, classes: int, *, size: int, channels: int) -> nn.Module:
            return nn.Sequential(nn.Flatten(), nn.Linear(channels * size * size, classes))
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field
from torch import Tensor, nn

from mien.config.base import Part
from mien.errors import RecipeError

MAX_WIDTH: Final = 65_536
"""Most channels or units of a layer that a recipe can set."""

MAX_DEPTH: Final = 1_000
"""Most layers or blocks of a stage that a recipe can set."""

Width = Annotated[float, Field(gt=0, le=32)]
"""A width multiplier of channels and units."""

WEIGHTED: Final = (nn.Conv2d, nn.Linear)
"""Layers that the default of `last_layer` chooses from."""


class NetworkConfig(Part):
    """Base class of a network's configuration."""

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:
        """Return the network, initialized from torch's global random generator.

        Args:
            classes: Number of logits, at least 2.
            size: Height and width of the faces in pixels.
            channels: 1 for gray faces, 3 for RGB.

        Returns:
            A module in training mode: float32 (n, channels, size, size) -> logits (n, classes).

        Raises:
            RecipeError: The fields don't fit faces of this size.
        """
        raise NotImplementedError

    def smallest_size(self, size: int) -> int:
        """Return the smallest face that a network built for `size` accepts, in pixels.

        Smaller faces than `size` are used by `train.progressive`. The default accepts none.
        """
        return size

    def initialize(self, network: nn.Module, sample: Callable[[int], Tensor]) -> None:
        """Initialize parts of the network from training faces, such as whitening filters.

        Called once before training, after `freeze`; when a training is resumed, its checkpoint is
        loaded afterwards.

        Args:
            network: What `build` returned.
            sample: Takes a number and returns at most that many preprocessed training faces, float32
                (n, channels, size, size) on the CPU, evenly spaced over the training split.
        """

    def starting_from(self, weights: Path | None) -> Self:
        """Return the configuration for a training that starts from pretrained weights, or None.

        Raises:
            RecipeError: This kind of network can't use pretrained weights.
        """
        if weights is not None:
            raise RecipeError(
                f"a network of kind {self.kind} can't use pretrained weights; choose a kind that can, "
                "such as resnetv2, or leave them out"
            )
        return self

    def load_pretrained(self, network: nn.Module, weights: Path) -> str:
        """Load pretrained weights into the network and return one line that says what was loaded.

        Only called if `starting_from` accepted `weights`.
        """
        raise NotImplementedError

    def freeze(self, network: nn.Module) -> None:
        """Set `requires_grad` of parameters that aren't trained to False. The default trains all."""

    def last_layer(self, network: nn.Module) -> str | None:
        """Return the name of the linear layer that returns the logits, or None.

        Its input are the features that a loss may request. The default is the last convolution or linear
        layer in the order of definition. Int8 quantization doesn't need it: it finds the first and last
        layers in the exported graph.
        """
        names = [name for name, layer in network.named_modules() if isinstance(layer, WEIGHTED)]
        return names[-1] if names else None
