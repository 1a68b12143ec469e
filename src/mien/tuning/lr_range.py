"""Learning-rate range test (Smith 2017): the loss of one short training whose learning rate grows.

The learning rate grows exponentially from batch to batch. Where the loss falls fastest, training is stable
and quick; where the loss rises, it diverges.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import RunError
from mien.text import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from torch import Tensor

    from mien.config.recipe import Recipe
    from mien.faceset import FaceSet
    from mien.training.loop import TrainingContext
    from mien.training.start import Start

SMOOTHING: Final = 0.95
"""Share of the previous batches in the exponential moving average of the loss."""
EXPLOSION: Final = 3.0
"""The test ends when the smoothed loss exceeds its minimum by this multiple of its fall."""
LEAST: Final = 10
"""Batches that a suggestion needs."""


@dataclass(frozen=True)
class LrRange:
    """The result of a learning-rate range test.

    Attributes:
        lrs: Learning rate of each batch.
        losses: Training loss of each batch, in nats.
        recipe_lr: `optimizer.lr` of the recipe.
        optimizer: Kind of the optimizer.
    """

    lrs: tuple[float, ...]
    losses: tuple[float, ...]
    recipe_lr: float
    optimizer: str

    @property
    def smoothed(self) -> NDArray[np.float64]:
        """Exponential moving average of the losses without bias toward its start, (n,)."""
        return smoothed(np.array(self.losses))

    @property
    def lowest(self) -> float:
        """Learning rate at which the smoothed loss is lowest."""
        return self.lrs[int(np.argmin(self.smoothed))]

    @property
    def steepest(self) -> float:
        """Learning rate at which the smoothed loss falls fastest, over the logarithm of the learning rate."""
        return self.lrs[_steepest(np.log(self.lrs), self.smoothed)]

    @property
    def suggestion(self) -> float:
        """Learning rate to try first: a third of the one with the lowest loss, with two digits."""
        return float(f"{self.lowest / 3:.2g}")

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss over the learning rate, and return the axes."""
        from mien.tuning.plots import plot_lr_range

        return plot_lr_range(self, ax)


def measure_lr_range(
    recipe: "Recipe",
    faces: "FaceSet",
    *,
    low: float = 1e-5,
    high: float = 10.0,
    batches: int = 200,
    start: "Start | None" = None,
    device: str = "auto",
) -> LrRange:
    """Train a recipe for some batches with a growing learning rate, without writing anything.

    Args:
        recipe: The recipe; its schedule is not used.
        faces: The faces; their training split is used.
        low: First learning rate.
        high: Last learning rate, unless the loss explodes before.
        batches: Number of batches.
        start: What the training starts from.
        device: See `mien.training.devices.choose_device`.

    Raises:
        RunError: The loss is not finite within the first batches.
    """
    from mien.training.setup import unwritten_training

    learner, context = unwritten_training(recipe, faces, start=start, device=device)
    lrs: list[float] = []
    losses: list[float] = []
    learner.train()
    for lr, (images, targets) in zip(np.geomspace(low, high, batches), _drawn(context), strict=False):
        loss = float(learner.step(images, targets, float(lr))[0])
        if not math.isfinite(loss):
            break
        lrs.append(float(lr))
        losses.append(loss)
        if _has_exploded(losses):
            break
    if len(losses) < LEAST:
        raise RunError(
            f"the loss is not finite after {counted(len(losses), 'batch', 'batches')}; pass a smaller low=..."
        )
    return LrRange(tuple(lrs), tuple(losses), recipe.optimizer.lr, recipe.optimizer.kind)


def smoothed(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exponential moving average of losses with the bias correction of Adam (Kingma & Ba 2015)."""
    found, average = np.empty(len(losses)), 0.0
    for at, loss in enumerate(losses):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        found[at] = average / (1 - SMOOTHING ** (at + 1))
    return found


def _steepest(positions: NDArray[np.float64], losses: NDArray[np.float64]) -> int:
    """The position of the steepest descent before the minimum, without the first batches."""
    lowest = int(np.argmin(losses))
    slopes = np.gradient(losses, positions)
    first = min(LEAST, max(0, lowest - 1))
    return first + int(np.argmin(slopes[first : max(lowest, first + 1)]))


def _has_exploded(losses: list[float]) -> bool:
    values = smoothed(np.array(losses))
    lowest = values.min()
    fall = max(values[0] - lowest, 0.05 * values[0])
    return len(losses) > LEAST and values[-1] > lowest + EXPLOSION * fall


def _drawn(context: "TrainingContext") -> "Iterator[tuple[Tensor, Tensor]]":
    """Yield batches of one epoch after the other, without end."""
    import torch

    from mien.training.batches import batches

    generator = torch.Generator().manual_seed(context.recipe.train.seed)
    for epoch in itertools.count(1):
        yield from batches(context.faces, context.recipe, generator, epoch=epoch, teachers=context.teachers)
