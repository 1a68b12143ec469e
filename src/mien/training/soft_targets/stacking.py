"""Stacked generalization: out-of-fold predictions of several systems, and votes of people, as one prediction.

A small network predicts the label of a face from the probabilities of the systems and from the votes. It is
trained in folds itself: the probabilities of each face are those of a network that was not trained on its
label (Wolpert 1992, "Stacked generalization").
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

UNITS: Final = 128
DROPOUT: Final = 0.2
EPOCHS: Final = 30
BATCH: Final = 512
LR: Final = 2e-3
WEIGHT_DECAY: Final = 0.02

_FLOOR: Final = 1e-4
"""Smallest probability whose logarithm is used."""


def features_of(
    probabilities: Sequence[NDArray[np.float32]], votes: NDArray[np.uint8] | None = None
) -> NDArray[np.float32]:
    """Return the inputs of the stacking network, (n, features).

    They are the centered log probabilities of each system and, of the votes, each column's share, the square
    root of the share, and whether anyone voted for it.

    Args:
        probabilities: Of each system, (n, classes); rows sum to 1.
        votes: Counts of votes, (n, columns); None without any.
    """
    parts = []
    for given in probabilities:
        logs = np.log(np.clip(given, _FLOOR, 1))
        parts.append(logs - logs.mean(1, keepdims=True))
    if votes is not None:
        shares = votes / np.maximum(votes.sum(1, keepdims=True), 1)
        parts += [shares, np.sqrt(shares), votes > 0]
    return np.concatenate(parts, 1).astype(np.float32)


def stacked_probabilities(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    folds: NDArray[np.int64],
    classes: int,
    *,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return the stacked probabilities, (n, classes); those of a fold are by a network trained on the others.

    Args:
        features: From `features_of`, (n, features).
        labels: True classes, (n,), 0 to `classes` - 1; negative ones are predicted, and not trained on.
        folds: Number of the fold of each face, (n,).
        classes: Number of classes.
        seed: Seed of the networks.
    """
    inputs, targets = torch.tensor(features), torch.tensor(labels)
    found = np.empty((len(features), classes), np.float32)
    with torch.random.fork_rng(devices=[]):
        for fold in np.unique(folds).tolist():
            held_out = torch.tensor(folds == fold)
            train = ~held_out & (targets >= 0)
            torch.manual_seed(seed)
            network = _fitted(inputs[train], targets[train], classes)
            with torch.no_grad():
                found[held_out.numpy()] = torch.softmax(network(inputs[held_out]), 1).numpy()
    return found


class _Standardize(nn.Module):
    def __init__(self, inputs: Tensor) -> None:
        super().__init__()
        self.mean = inputs.mean(0)
        self.std = inputs.std(0).clamp_min(1e-6)

    def forward(self, inputs: Tensor) -> Tensor:
        return (inputs - self.mean) / self.std


def _fitted(inputs: Tensor, labels: Tensor, classes: int) -> nn.Module:
    network = nn.Sequential(
        _Standardize(inputs),
        nn.Linear(inputs.shape[1], UNITS), nn.ReLU(), nn.Dropout(DROPOUT),
        nn.Linear(UNITS, UNITS), nn.ReLU(), nn.Dropout(DROPOUT),
        nn.Linear(UNITS, classes),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(network.parameters(), LR, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1 / steps, steps)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(labels)).split(BATCH):  # type: ignore[no-untyped-call]
            optimizer.zero_grad()
            F.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return network.eval()
