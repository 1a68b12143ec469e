"""The protocol of a learning-rate schedule.

A schedule is one subclass of `ScheduleConfig`. Register it under its `kind` in
`mien.config.parts.SCHEDULES`, or from another package by an entry point of the group "mien.schedules".

Most schedules are pure functions of the training's progress, so that a resumed training needs no state
of theirs. One that depends on validation results keeps what it needs in a `Memory`.
"""

import math
from collections.abc import Mapping
from typing import Protocol

from mien.config.base import Part

Memory = Mapping[str, float]
"""What a schedule remembers between epochs, in a checkpoint as JSON; empty at the start."""


class EpochResult(Protocol):
    """Results of an epoch that a schedule may use; see `mien.training.run_folder.state.Epoch`."""

    @property
    def train_loss(self) -> float:
        """Mean loss on the training faces."""

    @property
    def validation_loss(self) -> float:
        """Mean cross-entropy on the validation faces, in nats."""

    @property
    def validation_accuracy(self) -> float:
        """Accuracy on the validation faces, 0 to 1."""


class ScheduleConfig(Part):
    """Base class of a schedule's configuration: the keys of a recipe's `schedule` section."""

    def lr_factor(self, epoch: float, epochs: int, memory: Memory) -> float:
        """Return the factor of the optimizer's learning rate.

        Args:
            epoch: Completed epochs, including the fraction of the current one, 0 to `epochs`.
            epochs: Total number of epochs.
            memory: What `after_epoch` returned last.
        """
        raise NotImplementedError

    def after_epoch(self, memory: Memory, result: EpochResult, lr: float) -> Memory:  # noqa: ARG002
        """Return the memory after an epoch. The default keeps it as it is.

        Args:
            memory: What this returned after the previous epoch.
            result: Results of the epoch.
            lr: The optimizer's learning rate.
        """
        return memory


def half_cosine(share: float) -> float:
    """Return half a cosine, from 1 at 0 to 0 at 1."""
    return (1 + math.cos(math.pi * share)) / 2
