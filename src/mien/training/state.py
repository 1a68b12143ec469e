"""The state of a training besides its tensors: plain numbers that a checkpoint stores as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One row of the history. Accuracies are 0 to 1, losses are means over faces, in nats.

    A training prediction is correct if it is the class with the largest target, whether that target is
    the label, a mixture of two, or a teacher's output.
    """

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    faces_per_second: float
    recoveries: int = 0


@dataclass
class State:
    """State of a training after a number of whole epochs.

    Attributes:
        recoveries: How often the training was rolled back to its best epoch.
        lr_scale: Factor of the learning rate after recoveries.
        schedule: Memory of the learning-rate schedule, see `mien.training.schedules.base.Memory`.
        history: One row per epoch; a recovery drops those after its best epoch.
    """

    recoveries: int = 0
    lr_scale: float = 1.0
    schedule: dict[str, float] = field(default_factory=dict)
    history: list[Epoch] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Completed epochs."""
        return len(self.history)

    def best(self, monitor: str) -> Epoch | None:
        """Return the first of the best epochs by validation "loss" or "accuracy", or None."""
        return best_of(self.history, monitor)

    def to_json(self) -> dict[str, Any]:
        """Return the state as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "State":
        """Return the state that `to_json` wrote."""
        history = [Epoch(**row) for row in value["history"]]
        return cls(value["recoveries"], value["lr_scale"], dict(value["schedule"]), history)


def best_of(history: Sequence[Epoch], monitor: str) -> Epoch | None:
    """Return the first of the best epochs by validation "loss" or "accuracy", or None."""
    return min(history, key=lambda row: figure_of(row, monitor), default=None)


def figure_of(row: Epoch, monitor: str) -> float:
    """Return the monitored figure such that smaller is better: the loss, or minus the accuracy."""
    return row.validation_loss if monitor == "loss" else -row.validation_accuracy
