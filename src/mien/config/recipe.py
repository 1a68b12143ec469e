"""The recipe: the root of the tree that one YAML file spells out."""

from typing import Final, Self

from pydantic import model_validator

from mien.config.base import Strict
from mien.config.data import Augment, Data, Preprocess
from mien.config.distillation import Distillation
from mien.config.network import Network
from mien.config.training import TTA, Constant, Loss, Optimizer, Schedule, Train

MEASURED: Final = frozenset({"cost", "result"})
"""What a recipe says of its worth; it holds for this very recipe only."""

TOLD: Final = MEASURED | {"title"}
"""Parts of a recipe that a training doesn't go by."""


class Recipe(Strict):
    """All that a training is told. Two equal recipes on equal faces give equal weights."""

    title: str = ""
    """What the system is, in a few words."""
    cost: str = ""
    """Wall time it takes, and on what machine that was measured."""
    result: str = ""
    """Accuracy to expect, with its split, over how many seeds."""
    data: Data = Data()
    preprocess: Preprocess = Preprocess()
    augment: Augment = Augment()
    network: Network
    loss: Loss = Loss()
    distillation: Distillation | None = None
    optimizer: Optimizer
    schedule: Schedule = Constant(kind="constant")
    train: Train
    tta: TTA = TTA()

    @model_validator(mode="after")
    def _softens_what_was_soft(self) -> Self:
        if self.tta.blur and not self.augment.blurs:
            raise ValueError(
                "tta.blur blurs faces as much as bilinear resampling did in training, but here augment "
                "moves no face, or resamples bicubically; set tta.blur: false"
            )
        return self
