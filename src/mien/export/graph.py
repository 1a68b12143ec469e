"""The network of a bundle as torch sees it: grey faces in, calibrated probabilities and logits out.

First station of an export: it joins the networks of one or several runs, their preparation and
their views into one module, which `mien.export.convert` writes as ONNX.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from mien.config.data import Prepare
from mien.config.learning import Views
from mien.transforms.prepare import standardise
from mien.transforms.views import views_of

LEAST: Final = 1e-30
"""Mean probabilities are not taken below this, so that their logarithm is finite everywhere."""


class Part(NamedTuple):
    """One trained network, and how it wants its faces."""

    network: nn.Module
    prepare: Prepare


class BundleGraph(nn.Module):
    """Standardise, look, average, calibrate: uint8 (n, side, side) -> probabilities and logits.

    One network that looks once gives its own logits. Of several networks or views the logits are
    the logarithm of the mean probability, so that softmax(logits / temperature) holds for all.

    Args:
        parts: The networks; they are put into evaluation mode.
        views: The views to average over; None looks once.
        temperature: Divides the logits before the softmax (Guo et al. 2017).
    """

    def __init__(self, parts: Sequence[Part], views: Views | None, temperature: float = 1.0) -> None:
        super().__init__()
        self.networks = nn.ModuleList(part.network for part in parts)
        self.prepares = [part.prepare for part in parts]
        self.views = views
        self.temperature = temperature
        self.eval()

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Return calibrated probabilities and logits, each float32 (n, classes).

        Args:
            faces: uint8, (n, side, side), after CLAHE where the recipe has it.
        """
        logits = self._logits(faces[:, None].float() / 255)
        return self.calibrated(logits), logits

    def calibrated(self, logits: Tensor) -> Tensor:
        """Return the probabilities, (n, classes), that logits stand for."""
        return (logits / self.temperature).softmax(1)

    def _logits(self, grey: Tensor) -> Tensor:
        seen = list(views_of(grey, self.views))
        # All views go through a network as one batch, so that its layers are in the graph once.
        together = seen[0] if len(seen) == 1 else torch.cat(seen)
        found: list[Tensor] = [
            network(standardise(together, prepare))
            for network, prepare in zip(self.networks, self.prepares, strict=True)
        ]
        if len(found) == len(seen) == 1:
            return found[0]
        stacked = torch.stack([logits.softmax(1) for logits in found])
        by_view = stacked.reshape(len(found), len(seen), -1, stacked.shape[2])
        return by_view.mean((0, 1)).clamp_min(LEAST).log()
