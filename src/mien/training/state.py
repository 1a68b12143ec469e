"""The state of a training besides its tensors: plain numbers that a checkpoint keeps as JSON."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from mien.training.schedules import PlateauState


@dataclass(frozen=True)
class Epoch:
    """One row of the history. Accuracies are 0 to 1, losses are means a face, in nats.

    In training an answer is right that agrees with the largest part of its target, be that target
    the label, mixed from two, or a teacher's.
    """

    epoch: int
    rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    faces_per_second: float
    recoveries: int = 0


@dataclass
class State:
    """Where a training stands after a number of whole epochs.

    Attributes:
        recoveries: How often the training went back to its best point.
        rate_scale: What recoveries have left of the rate.
        plateau: Memory of a plateau schedule.
        history: One row an epoch that counts; a recovery drops those after its best point.
    """

    recoveries: int = 0
    rate_scale: float = 1.0
    plateau: PlateauState = field(default_factory=PlateauState)
    history: list[Epoch] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return len(self.history)

    def best(self, watch: str) -> Epoch | None:
        """Return the first of the best epochs by "loss" or "accuracy" of validation, or None."""
        return min(self.history, key=lambda row: figure_of(row, watch), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        value = asdict(self)
        value["plateau"]["best"] = None if math.isinf(self.plateau.best) else self.plateau.best
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "State":
        """Return the state that `to_json` wrote."""
        plateau = dict(value["plateau"])
        plateau["best"] = math.inf if plateau["best"] is None else plateau["best"]
        history = [Epoch(**row) for row in value["history"]]
        return cls(value["recoveries"], value["rate_scale"], PlateauState(**plateau), history)


def figure_of(row: Epoch, watch: str) -> float:
    """Return what is watched such that smaller is better: the loss, or minus the accuracy."""
    return row.validation_loss if watch == "loss" else -row.validation_accuracy
