"""The state of a training besides its tensors: plain numbers that a checkpoint stores as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from mien.training.run_folder.earlier_versions import with_renamed_epoch_keys, with_renamed_state_keys


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

    @classmethod
    def from_json(cls, value: Any) -> "Epoch":  # noqa: ANN401 - any JSON
        """Return the row of a JSON object.

        Raises:
            ValueError, TypeError: A key is unknown or missing, or a value is no finite number.
        """
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, found {type(value).__name__}")
        row = cls(**with_renamed_epoch_keys(value))
        for field_ in fields(cls):
            number = getattr(row, field_.name)
            whole = field_.name in _WHOLE
            if isinstance(number, bool) or not isinstance(number, int if whole else int | float):
                raise TypeError(f"{field_.name} {str(number)[:24]!r}, expected a number")
            if not abs(number) <= _LARGEST:
                raise ValueError(f"{field_.name} is {number}, expected a finite number")
        return row


_WHOLE: Final = frozenset({"epoch", "recoveries"})
_LARGEST: Final = 1e300


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
        """Return the state that `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: It is no state.
        """
        value = with_renamed_state_keys(value)
        history = [Epoch.from_json(row) for row in value["history"]]
        return cls(int(value["recoveries"]), float(value["lr_scale"]), dict(value["schedule"]), history)


def best_of(history: Sequence[Epoch], monitor: str) -> Epoch | None:
    """Return the first of the best epochs by validation "loss" or "accuracy", or None."""
    return min(history, key=lambda row: figure_of(row, monitor), default=None)


def figure_of(row: Epoch, monitor: str) -> float:
    """Return the monitored figure such that smaller is better: the loss, or minus the accuracy."""
    return row.validation_loss if monitor == "loss" else -row.validation_accuracy
