"""Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365): gradients along a line to the face."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mien.explanation.base import Maps, Model, require_targets
from mien.explanation.networks import gradients, network_of


@dataclass(frozen=True)
class IntegratedGradients:
    """Saliency is the integral of the gradient of the logit along a line, times the length of the line.

    The line leads from a face of the mean level to the face, after preprocessing. The sum over the pixels
    is the difference of the two logits.

    Attributes:
        steps: Points of the Gauss-Legendre quadrature.
    """

    steps: int = 50

    needs_network: ClassVar[bool] = True
    unit: ClassVar[str] = "share of the logit"

    def __call__(self, model: Model, faces: NDArray[np.uint8], targets: NDArray[np.int64]) -> Maps:
        """Return the maps, float32 (n, k, size, size); see `Method`. Channels are summed.

        Raises:
            MienError: The model has no network.
        """
        require_targets(model, faces, targets)
        network = network_of(model, "integrated-gradients")
        maps = np.empty((*targets.shape, model.size, model.size), np.float32)
        for position in range(len(faces)):
            one = faces[position : position + 1]
            found = attributions(
                network.module, network.inputs(one)[0], network.baselines(one)[0],
                torch.from_numpy(targets[position]), self.steps,
            )  # fmt: skip
            maps[position] = found.sum(1).cpu().numpy()
        return maps


def attributions(module: nn.Module, face: Tensor, baseline: Tensor, targets: Tensor, steps: int) -> Tensor:
    """Return the attributions of one input, float32 (k, channels, size, size).

    Args:
        module: In evaluation mode.
        face: (channels, size, size).
        baseline: Of the same shape.
        targets: int64, (k,).
        steps: Points of the quadrature.
    """
    points, weights = np.polynomial.legendre.leggauss(steps)
    at = face.new_tensor((points + 1) / 2)[:, None, None, None]
    share = face.new_tensor(weights / 2)[:, None, None, None]
    found = []
    with gradients():
        line = (baseline + at * (face - baseline)).requires_grad_()
        logits = module(line)
        for target in targets.tolist():
            (slopes,) = torch.autograd.grad(logits[:, target].sum(), line, retain_graph=True)
            found.append((share * slopes).sum(0) * (face - baseline))
    return torch.stack(found).detach()
