"""Cross-entropy with label smoothing and class weights, against target distributions."""

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from mien.config.base import Probability
from mien.training.losses.base import LossConfig, WeightedLoss, smooth_labels, weighted_mean


class CrossEntropy(LossConfig):
    """Cross-entropy against target distributions."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Probability = 0.0
    """This share of each target is spread evenly over all classes."""

    def build(self, weights: Tensor, width: int) -> nn.Module:  # noqa: ARG002 - no features
        """Return a `CrossEntropyLoss`; see `LossConfig.build`."""
        return CrossEntropyLoss(weights, self.label_smoothing)


class CrossEntropyLoss(WeightedLoss):
    """Module of `CrossEntropy`."""

    def __init__(self, weights: Tensor, smoothing: float) -> None:
        super().__init__(weights)
        self.smoothing = smoothing

    def forward(self, logits: Tensor, targets: Tensor, features: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss of a batch."""
        return cross_entropy(logits, targets, self.weights, self.smoothing)


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor, smoothing: float) -> Tensor:
    """Return the mean over faces of -sum_c w_c t_c log p_c, with smoothed targets t.

    With one-hot targets, equal weights and no smoothing it equals `torch.nn.functional.cross_entropy`.
    """
    return weighted_mean(-F.log_softmax(logits, 1) * smooth_labels(targets, smoothing), weights)
