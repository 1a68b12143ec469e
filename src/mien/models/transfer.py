"""Transfer of weights from one network to another of the same body.

Every tensor of the body must be given with its exact name and shape: a partially loaded body would
train badly without notice. The head (the last layer) is kept if both networks have the same classes, in
whatever order, and otherwise stays as initialized.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mien.errors import RecipeError
from mien.text import counted, listed

if TYPE_CHECKING:
    from mien.models.base import NetworkConfig

COUNTER: Final = "num_batches_tracked"
"""Torch's count of the batches of a BatchNorm, which is unused."""

CALIBRATION_FACES: Final = 512
"""Most faces that the statistics of folded norms are measured on."""

_SHOWN, _CLASSES = 3, 10
"""Problems and classes that a message lists."""


@dataclass(frozen=True)
class TrainedWeights:
    """Weights of a trained network.

    Attributes:
        source: Where they are from, for messages.
        tensors: By their names in the state dict.
        classes: Names of the classes, in the order of the logits; None if they are unknown.
        biases: Of a graph with folded norms: the bias of each layer; see `mien.models.bundle_weights`.
        section: The section `network` of the recipe that they were trained with; None if it is unknown.
    """

    source: str
    tensors: Mapping[str, Tensor]
    classes: tuple[str, ...] | None = None
    biases: Mapping[str, Tensor] = field(default_factory=dict)
    section: Mapping[str, Any] | None = None


def transfer(
    network: nn.Module,
    config: "NetworkConfig",
    weights: TrainedWeights,
    classes: Sequence[str],
    sample: Callable[[int], Tensor],
) -> str:
    """Load trained weights into `network`, and return one line that says what was loaded.

    Args:
        network: Built from `config` for `classes`.
        config: Its configuration.
        weights: The weights.
        classes: Names of the classes of `network`.
        sample: As in `NetworkConfig.initialize`; used if norms were folded.

    Raises:
        RecipeError: Body and weights differ in a name or a shape.
    """
    state = {name: value for name, value in network.state_dict().items() if not name.endswith(COUNTER)}
    head = _head_names(network, config)
    given = {name: value.float() for name, value in weights.tensors.items() if name in state}
    given |= _plain_biases(state, weights)
    folded = _folded_norms(network, given) if weights.biases else []
    missing = set(state) - set(given) - head - {f"{norm}.{part}" for norm in folded for part in _NORM}
    extra = {name for name in weights.tensors if name not in state and not _is_spare(name, weights)}
    if problems := _differences(state, given, missing, extra, head):
        shown = listed(_differing_keys(config, weights) or problems, _SHOWN)
        raise RecipeError(
            f"pretrained: {weights.source} is another network than that of the recipe ({shown}); use the "
            "recipe finetune, which takes over the network"
        )
    said = _fit_head(state, given, head, weights.classes, classes)
    network.load_state_dict(given, strict=False)
    if folded:
        _restore_norms(network, set(folded), weights.biases, sample(CALIBRATION_FACES))
    return (
        f"pretrained: the body is from {weights.source} ({counted(len(set(state) - head), 'tensor')}); {said}"
    )


_NORM: Final = ("weight", "bias", "running_mean", "running_var")


def _head_names(network: nn.Module, config: "NetworkConfig") -> set[str]:
    name = config.last_layer(network)
    layer = None if name is None else network.get_submodule(name)
    return set() if layer is None else {f"{name}.{part}" for part, _ in layer.named_parameters()}


def _plain_biases(state: Mapping[str, Tensor], weights: TrainedWeights) -> dict[str, Tensor]:
    """Biases of layers that have one in the network too."""
    named = {f"{layer}.bias": bias for layer, bias in weights.biases.items()}
    return {name: bias for name, bias in named.items() if name in state}


def _is_spare(name: str, weights: TrainedWeights) -> bool:
    """Whether the network needs no such tensor: a counter, or the bias of a layer in a graph."""
    return name.endswith(COUNTER) or any(name == f"{layer}.weight_bias" for layer in weights.biases)


def _folded_norms(network: nn.Module, given: Mapping[str, Tensor]) -> list[str]:
    norms = (name for name, module in network.named_modules() if isinstance(module, _BatchNorm))
    return [name for name in norms if not any(f"{name}.{part}" in given for part in _NORM)]


def _differences(
    state: Mapping[str, Tensor],
    given: Mapping[str, Tensor],
    missing: set[str],
    extra: set[str],
    head: set[str],
) -> list[str]:
    """Return the tensors of the body that one of the networks lacks, or that have other shapes."""
    problems = [f"it has no {name}" for name in sorted(missing)]
    problems += [f"it has {name}, which the network lacks" for name in sorted(extra)]
    problems += [
        f"its {name} has shape {tuple(value.shape)}, that of the network {tuple(state[name].shape)}"
        for name, value in given.items()
        if name not in head and value.shape != state[name].shape
    ]
    return problems


def _differing_keys(config: "NetworkConfig", weights: TrainedWeights) -> list[str]:
    """Return the keys of the network whose values differ, if those of the weights are known."""
    if weights.section is None:
        return []
    own, old = config.model_dump(mode="json"), dict(weights.section)
    keys = [key for key in {**own, **old} if key != "trainable" and own.get(key) != old.get(key)]
    return [f"network.{key} differs" for key in keys]


def _fit_head(
    state: Mapping[str, Tensor],
    given: dict[str, Tensor],
    head: set[str],
    old: tuple[str, ...] | None,
    new: Sequence[str],
) -> str:
    """Order the rows of the head as the new classes, or remove it from `given`; return what was done."""
    fits = head <= set(given) and all(given[name].shape == state[name].shape for name in head)
    if fits and (old is None or sorted(old) == sorted(new)):
        order = list(range(len(new))) if old is None else [old.index(name) for name in new]
        given.update({name: given[name][order] for name in head})
        return "the head is kept"
    for name in head:
        given.pop(name, None)
    if old is None:
        return f"the head is new, with {counted(len(new), 'class', 'classes')}"
    return f"the head is new, since the classes differ ({listed(old, _CLASSES)}; now {listed(new, _CLASSES)})"


@torch.no_grad()
def _restore_norms(network: nn.Module, folded: set[str], biases: Mapping[str, Tensor], faces: Tensor) -> None:
    """Give folded norms statistics and an affine map that leave the function of the network as it is.

    A folded layer computes W x + b with the norm's scale in W and its shift in b. With mean m and
    variance v of W x over some faces, the norm with these statistics, weight sqrt(v + eps) and bias b + m
    computes the same, and normalizes batches in training as the original one did. Kernels are scaled to
    the norm of He's initialization, which changes nothing behind a norm, so that usual learning rates fit.
    """
    outputs: dict[int, tuple[str, Tensor]] = {}
    handles = []
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            handles.append(module.register_forward_hook(_remember(name, outputs)))
        elif name in folded:
            assert isinstance(module, _BatchNorm)  # noqa: S101 - as `_folded_norms` chose
            handles.append(module.register_forward_pre_hook(_restorer(network, module, biases, outputs)))
    was_training = network.training
    try:
        network.eval()(faces)
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()


def _remember(name: str, outputs: dict[int, tuple[str, Tensor]]) -> Callable[..., None]:
    def hook(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        outputs[id(output)] = (name, output)

    return hook


def _restorer(
    network: nn.Module, norm: _BatchNorm, biases: Mapping[str, Tensor], outputs: dict[int, tuple[str, Tensor]]
) -> Callable[..., tuple[Tensor]]:
    def hook(_module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        name, _ = outputs[id(inputs[0])]
        layer = network.get_submodule(name)
        assert isinstance(layer, nn.Conv2d | nn.Linear)  # noqa: S101 - `_remember` is of those only
        if layer.bias is not None:
            inputs[0].sub_(_per_channel(layer.bias, inputs[0]))
            nn.init.zeros_(layer.bias)
        scale = layer.weight.flatten(1).norm(dim=1).clamp(min=1e-8) / 2**0.5
        layer.weight.div_(scale.view(-1, *[1] * (layer.weight.ndim - 1)))
        output = inputs[0].div_(_per_channel(scale, inputs[0]))
        _fit_norm(norm, output, scale, biases.get(name, torch.zeros_like(scale)))
        outputs.clear()
        return (output,)

    return hook


def _fit_norm(norm: _BatchNorm, output: Tensor, scale: Tensor, bias: Tensor) -> None:
    axes = [0, *range(2, output.ndim)]
    variance, mean = torch.var_mean(output, axes, correction=0)
    assert norm.running_mean is not None and norm.running_var is not None  # noqa: S101, PT018
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt() * scale)
    norm.bias.copy_(bias + mean * scale)


def _per_channel(value: Tensor, maps: Tensor) -> Tensor:
    return value.view(-1, *[1] * (maps.ndim - 2))
