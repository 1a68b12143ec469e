"""Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391): the feature maps that raise the logit of a class."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError
from mien.explanation.base import Maps, Model, require_targets
from mien.explanation.networks import gradients, network_of

LEAST_POSITIONS: Final = 3
"""Along each axis of the feature map: smaller ones don't locate anything in a face."""


@dataclass(frozen=True)
class GradCam:
    """Saliency is the positive part of the feature maps, weighted by their mean gradients.

    Attributes:
        layer: Name of the module whose output is used; by default the last one with at least
            `LEAST_POSITIONS` positions along each axis, or if there is none, with the most positions.
    """

    layer: str | None = None

    needs_network: ClassVar[bool] = True
    unit: ClassVar[str] = "weighted activation, only what supports the class"

    def __call__(self, model: Model, faces: NDArray[np.uint8], targets: NDArray[np.int64]) -> Maps:
        """Return the maps, float32 (n, k, size, size); see `Method`.

        Raises:
            MienError: The model has no network, or the network no feature map.
        """
        require_targets(model, faces, targets)
        network = network_of(model, "gradcam")
        if not targets.size:
            return np.zeros((*targets.shape, model.size, model.size), np.float32)
        name = self.layer or feature_layer(network.module, network.inputs(faces[:1]))
        with gradients():
            maps = class_maps(network.module, name, network.inputs(faces), torch.from_numpy(targets))
        large = F.interpolate(maps, (model.size, model.size), mode="bilinear", align_corners=False)
        return large.cpu().numpy().astype(np.float32)


def class_maps(module: nn.Module, layer: str, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the maps at the size of the feature map, float32 (n, k, height, width).

    Args:
        module: In evaluation mode.
        layer: Name of a submodule whose output is (n, channels, height, width).
        inputs: (n, channels, size, size).
        targets: int64, (n, k).
    """
    with _output_of(module, layer) as outputs:
        logits = module(inputs)
    (features,) = outputs[-1:]
    found = []
    for target in targets.T.to(logits.device):
        score = logits.gather(1, target[:, None]).sum()
        (slopes,) = torch.autograd.grad(score, features, retain_graph=True)
        found.append(F.relu((slopes.mean((2, 3), keepdim=True) * features).sum(1)))
    return torch.stack(found, 1).detach()


@torch.no_grad()
def feature_layer(module: nn.Module, inputs: Tensor) -> str:
    """Return the name of the last feature map with at least `LEAST_POSITIONS` positions along each axis.

    Raises:
        MienError: No module returns a feature map.
    """
    sides = dict[str, int]()
    with ExitStack() as stack:
        for name, part in module.named_modules():
            if name:
                stack.enter_context(_recorded(part, name, sides))
        module(inputs)
    if not sides:
        raise MienError("gradcam: the network has no feature map; choose another method")
    enough = min(LEAST_POSITIONS, max(sides.values()))
    return next(name for name in reversed(sides) if sides[name] >= enough)


@contextmanager
def _recorded(part: nn.Module, name: str, sides: dict[str, int]) -> Iterator[None]:
    """Record the shorter side of the output of a module, in the order in which modules end."""

    def record(_: nn.Module, __: object, output: object) -> None:
        sides.pop(name, None)
        if isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
            sides[name] = min(output.shape[2:])

    handle = part.register_forward_hook(record)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _output_of(module: nn.Module, layer: str) -> Iterator[list[Tensor]]:
    """Yield a list that gets each output of a module, as a leaf of the graph of gradients if it is none."""
    found: list[Tensor] = []

    def keep(_: nn.Module, __: object, output: Tensor) -> Tensor:
        # A copy, since a later operation may change the output in place.
        copy = output.clone() if output.requires_grad else output.detach().clone().requires_grad_()
        found.append(copy)
        return copy

    handle = dict(module.named_modules())[layer].register_forward_hook(keep)
    try:
        yield found
    finally:
        handle.remove()
