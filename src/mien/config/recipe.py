"""The recipe: the root of the tree in a recipe's YAML file."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from pydantic import Field, ValidationError, model_validator

from mien.config.base import Strict, require_tree
from mien.config.data import Augment, Data, Preprocess
from mien.config.distillation import Distillation
from mien.config.parts import Loss, Network, Optimizer, Schedule, default_loss, default_schedule
from mien.config.training import TTA, Train
from mien.errors import MienError, RecipeError

MEASURED: Final = frozenset({"cost", "result"})
"""Measurements of a recipe, which are valid only for the recipe as it is."""

DESCRIPTIVE: Final = MEASURED | {"title"}
"""Keys of a recipe that a training ignores."""


class Recipe(Strict):
    """The configuration of a training. Equal recipes on equal faces give equal weights."""

    error: ClassVar[type[MienError]] = RecipeError

    title: str = ""
    """What it trains, in a few words."""
    cost: str = ""
    """Measured training time, and on which machine."""
    result: str = ""
    """Measured accuracy, with its split and the number of seeds."""
    data: Data = Data()
    preprocess: Preprocess = Preprocess()
    augment: Augment = Augment()
    network: Network
    loss: Loss = Field(default_factory=default_loss)
    distillation: Distillation | None = None
    optimizer: Optimizer
    schedule: Schedule = Field(default_factory=default_schedule)
    train: Train
    tta: TTA = TTA()

    @classmethod
    def _require_finite(cls, values: Mapping[str, Any]) -> None:
        require_tree(values)

    @classmethod
    def _refused(cls, error: ValidationError, values: Mapping[str, Any]) -> MienError:
        from mien.config.explain import explained  # it needs this class

        return cls.error(f"recipe: {explained(error.errors(include_url=False)[0], values)}")

    @model_validator(mode="after")
    def _blurs_only_if_training_did(self) -> Self:
        if self.tta.blur and not self.augment.blurs:
            raise ValueError(
                "tta.blur blurs test faces as bilinear resampling blurs training faces, but augment has no "
                "rotate, shift, scale or shear, or interpolates bicubically; set tta.blur: false"
            )
        return self
