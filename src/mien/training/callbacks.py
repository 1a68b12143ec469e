"""Callbacks: code that runs at fixed points of a training, such as a progress bar or a logger.

A callback overrides the methods that it needs; each does nothing by default. It may end the training
by `status.request_stop()`.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mien.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor

    from mien.config.recipe import Recipe
    from mien.faceset import FaceSet
    from mien.training.run_folder.state import Epoch, State

_LOG = logging.getLogger("mien.training")


@dataclass
class TrainingStatus:
    """The state of a training that callbacks see.

    Attributes:
        path: The run folder.
        recipe: The recipe with all overrides.
        faces: The faces of all splits, with the validation split of this training; None outside of one.
        device: Device of the training.
        history: One row for each completed epoch.
        best: The best of them by `train.monitor`, or None before the first.
        stop_reason: Why a callback requested a stop, or None.
    """

    path: Path
    recipe: "Recipe"
    history: Sequence["Epoch"] = ()
    best: "Epoch | None" = None
    faces: "FaceSet | None" = field(default=None, repr=False)
    device: str = "auto"
    stop_reason: str | None = field(default=None, init=False)

    @property
    def epoch(self) -> int:
        """Number of completed epochs."""
        return len(self.history)

    @property
    def epochs(self) -> int:
        """Number of epochs of the whole training."""
        return self.recipe.train.epochs

    @property
    def stop_requested(self) -> bool:
        """Whether the training ends at the next batch."""
        return self.stop_reason is not None

    def request_stop(self, reason: str = "a callback requested it") -> None:
        """End the training before its next batch.

        The checkpoint of the last completed epoch stays; an epoch that has begun is discarded and
        repeated when the run is resumed. The first reason is kept.
        """
        if self.stop_reason is None:
            self.stop_reason = reason

    def follow(self, state: "State") -> None:
        """Show `state` from now on; for the training itself."""
        self.history = state.history
        self.best = state.best(self.recipe.train.monitor)


@dataclass(frozen=True)
class Batch:
    """A completed batch, with the sums of its epoch so far.

    Attributes:
        number: Number of the batch in its epoch, from 1.
        count: Batches of the epoch.
        epoch: Number of the epoch, from 1.
        faces: Faces of the epoch so far.
        loss_sum: Sum of the losses of the batches so far, a scalar on the training device.
        correct_sum: Correct predictions so far, a scalar on the training device.
    """

    number: int
    count: int
    epoch: int
    faces: int
    loss_sum: "Tensor"
    correct_sum: "Tensor"

    @property
    def loss(self) -> float:
        """Mean training loss of the epoch so far; reading it waits for the training device."""
        return float(self.loss_sum) / self.number

    @property
    def accuracy(self) -> float:
        """Training accuracy of the epoch so far, 0 to 1; reading it waits for the training device."""
        return float(self.correct_sum) / self.faces


class Callback:
    """Base class of callbacks.

    An exception that a method raises ends the training and reaches the caller.

    Examples:
        A callback that ends a training after ten minutes:

        >>> import time
        >>> class TimeLimit(Callback):
        ...     def on_train_start(self, status):
        ...         self.end = time.monotonic() + 600
        ...     def on_batch_end(self, status, batch):
        ...         if time.monotonic() > self.end:
        ...             status.request_stop("time limit")
    """

    def on_train_start(self, status: TrainingStatus) -> None:
        """Run before the first epoch of this training or of its continuation."""

    def on_epoch_start(self, status: TrainingStatus) -> None:
        """Run before each epoch; its number is `status.epoch + 1`."""

    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:
        """Run after each batch."""

    def on_epoch_end(self, status: TrainingStatus, epoch: "Epoch") -> None:
        """Run after validation, when the checkpoint of `epoch` is written."""

    def on_best(self, status: TrainingStatus, epoch: "Epoch") -> None:
        """Run after `on_epoch_end` where `epoch` is the best so far by `train.monitor`."""

    def on_recovery(self, status: TrainingStatus) -> None:
        """Run when the training returned to its best checkpoint after divergence.

        `status.history` ends there; later epochs are dropped.
        """

    def on_notice(self, message: str) -> None:
        """Run for each message to the user, one line, at any time."""

    def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:
        """Run once at the end, also after an error or an interrupt, which is `error` then."""


class CallbackList(Callback):
    """Several callbacks as one, in their order.

    Notices are logged too, by the logger "mien.training" with level INFO.
    """

    def __init__(self, callbacks: Iterable[Callback] = ()) -> None:
        self._callbacks = tuple(callbacks)

    def on_train_start(self, status: TrainingStatus) -> None:
        """See `Callback`."""
        for callback in self._callbacks:
            callback.on_train_start(status)

    def on_epoch_start(self, status: TrainingStatus) -> None:
        """See `Callback`."""
        for callback in self._callbacks:
            callback.on_epoch_start(status)

    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:
        """See `Callback`."""
        for callback in self._callbacks:
            callback.on_batch_end(status, batch)

    def on_epoch_end(self, status: TrainingStatus, epoch: "Epoch") -> None:
        """See `Callback`."""
        for callback in self._callbacks:
            callback.on_epoch_end(status, epoch)

    def on_best(self, status: TrainingStatus, epoch: "Epoch") -> None:
        """See `Callback`."""
        for callback in self._callbacks:
            callback.on_best(status, epoch)

    def on_recovery(self, status: TrainingStatus) -> None:
        """See `Callback`."""
        for callback in self._callbacks:
            callback.on_recovery(status)

    def on_notice(self, message: str) -> None:
        """See `Callback`."""
        _LOG.info(message)
        for callback in self._callbacks:
            callback.on_notice(message)

    def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:
        """See `Callback`; every callback is run, and the first exception of theirs is raised then."""
        failures: list[Exception] = []
        for callback in self._callbacks:
            try:
                callback.on_train_end(status, error)
            except Exception as failure:  # noqa: BLE001 - raised below
                failures.append(failure)
        if failures:
            raise failures[0]


def require_callbacks(callbacks: Iterable[Callback]) -> None:
    """Check that all callbacks are instances of `Callback`.

    Raises:
        RunError: One is another object, or a class.
    """
    if isinstance(callbacks, Callback):
        raise RunError("callbacks: expected a sequence, such as [callback]; got a single callback")
    if not isinstance(callbacks, Sequence):
        raise RunError(f"callbacks: expected a sequence of callbacks, got {type(callbacks).__name__}")
    for callback in callbacks:
        if isinstance(callback, type):
            raise RunError(
                f"callbacks: the class {callback.__name__}, expected an instance; pass {callback.__name__}()"
            )
        if not isinstance(callback, Callback):
            raise RunError(
                f"callbacks: an object of type {type(callback).__name__}, expected a mien.Callback; derive "
                "its class from it"
            )
