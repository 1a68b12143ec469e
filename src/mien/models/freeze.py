"""Fine-tuning: which layers of a network are trained in which epoch, and how deep each layer lies.

A frozen BatchNorm keeps its running statistics too, in training mode as well. What is frozen isn't part of
a state dict; it follows from the recipe and the number of completed epochs.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BeforeValidator, Field
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from mien.errors import RecipeError
from mien.models.layers import WEIGHTED

if TYPE_CHECKING:
    from mien.models.base import NetworkConfig

ALL: Final = "all"
HEAD: Final = "head"

Layers = Literal["all", "head"] | Annotated[int, Field(ge=0)]
"""`all` layers, the `head` only, or so many at the end of the body besides the head."""


def _checked(value: object) -> object:
    """Check the form, for one error message instead of one for each form."""
    if value is None:  # recipes of earlier versions
        return ALL
    parts = value if isinstance(value, dict) else {0: value}
    for epoch, layers in parts.items():
        is_count = type(layers) is int and layers >= 0
        if not (str(epoch).isdecimal() and (is_count or layers in (ALL, HEAD))):
            raise ValueError(
                "expected all, head, a number of layers, or one of these by the number of completed epochs, "
                f"such as {{0: head, 2: 4, 5: all}}, found {value!r}"
            )
    if "0" not in {str(epoch) for epoch in parts}:
        raise ValueError(f"expected layers for epoch 0 too, such as {{0: head, ...}}, found {value!r}")
    return value


Trainable = Annotated[Layers | dict[int, Layers], BeforeValidator(_checked)]
"""`Layers`, or `Layers` by the number of completed epochs from which they are trained."""


def layers_at(trainable: Layers | dict[int, Layers], epoch: int) -> Layers:
    """Return what is trained after `epoch` completed epochs."""
    if not isinstance(trainable, dict):
        return trainable
    return trainable[max(start for start in trainable if start <= epoch)]


class Freezing:
    """Freezes and unfreezes the layers of a network as its configuration says.

    Parameters that don't require a gradient when this is made stay frozen. Those that are never trained
    are frozen at once, so that an optimizer needn't have them.

    Args:
        config: The configuration of the network.
        network: The network.

    Raises:
        RecipeError: More layers are to be trained than the body has.
    """

    def __init__(self, config: "NetworkConfig", network: nn.Module) -> None:
        self._trainable = config.trainable
        self._network = network
        self._body = [
            [weight for module in layer for weight in module.parameters() if weight.requires_grad]
            for layer in config.body_layers(network)
        ]
        parts = config.trainable.values() if isinstance(config.trainable, dict) else [config.trainable]
        most = max(self._count(part) for part in parts)
        if most > len(self._body):
            raise RecipeError(
                f"network.trainable: {most:,} layers, but the body of this network has {len(self._body):,}; "
                f"expected at most that, or {ALL}"
            )
        self._set_trained(most)

    def apply(self, epoch: int) -> None:
        """Set what is trained after `epoch` completed epochs; the network must be in training mode."""
        self._set_trained(self._count(layers_at(self._trainable, epoch)))
        freeze_statistics(self._network)

    def _count(self, layers: Layers) -> int:
        return len(self._body) if layers == ALL else 0 if layers == HEAD else int(layers)

    def _set_trained(self, count: int) -> None:
        first = len(self._body) - count
        for position, weights in enumerate(self._body):
            for weight in weights:
                weight.requires_grad_(position >= first)


def freeze_statistics(network: nn.Module) -> None:
    """Set norms whose weights are frozen to evaluation mode, so that their running statistics stay."""
    for module in network.modules():
        if isinstance(module, _BatchNorm) and module.affine and not module.weight.requires_grad:
            module.eval()


def depths(config: "NetworkConfig", network: nn.Module) -> dict[nn.Parameter, int]:
    """Return how many convolutions and linear layers lie behind each parameter of the body, at least 1.

    The head, and whatever else isn't part of the body, has depth 0 and isn't listed.
    """
    found: dict[nn.Parameter, int] = {}
    depth = 0
    for layer in reversed(config.body_layers(network)):
        depth += any(isinstance(module, WEIGHTED) for module in layer)
        found |= {weight: max(1, depth) for module in layer for weight in module.parameters()}
    return found


def default_layers(network: nn.Module, head: str | None) -> Sequence[Sequence[nn.Module]]:
    """Return each convolution and linear layer but the head, with the modules until the next one.

    Args:
        network: Its modules are defined in the order of the forward pass.
        head: Name of the last layer.
    """
    layers: list[list[nn.Module]] = []
    for name, module in network.named_modules():
        if name == head or not list(module.parameters(recurse=False)):
            continue
        if isinstance(module, WEIGHTED) or not layers:
            layers.append([])
        layers[-1].append(module)
    return layers
