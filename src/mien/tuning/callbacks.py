"""Callbacks of the training of a trial: reports to the study, pruning, and the time budget."""

import time
from typing import TYPE_CHECKING

from mien.training.callbacks import Batch, Callback, TrainingStatus
from mien.tuning.storage import UNPRUNED, quiet

if TYPE_CHECKING:
    from optuna import Trial

    from mien.training.run_folder.state import Epoch

PRUNED_REASON = "pruned: worse than other trials after as many epochs"
TIME_REASON = "the time of the study is over"


class ReportToStudy(Callback):
    """Reports the validation accuracy of each epoch, and ends the training if the pruner says so.

    Args:
        trial: The trial of Optuna.

    Attributes:
        is_pruned: Whether the pruner ended the training.
    """

    def __init__(self, trial: "Trial") -> None:
        self._trial = trial
        self.is_pruned = False

    def on_train_start(self, status: TrainingStatus) -> None:
        """Report the epochs that a process completed before it was killed."""
        for row in status.history:
            self._report(row)

    def on_epoch_end(self, status: TrainingStatus, epoch: "Epoch") -> None:
        """Report the epoch; end the training if the pruner says so, unless the trial is one of the first."""
        self._report(epoch)
        with quiet():
            is_worse = self._trial.should_prune()  # also records the accuracy for the comparison of others
        self.is_pruned = is_worse and epoch.epoch < status.epochs and self._trial.number >= UNPRUNED
        if self.is_pruned:
            status.request_stop(PRUNED_REASON)

    def _report(self, epoch: "Epoch") -> None:
        """Report an epoch, unless it was reported; after a recovery epochs are repeated."""
        known = self._trial.storage.get_trial(self._trial._trial_id).intermediate_values  # noqa: SLF001
        if epoch.epoch not in known:
            self._trial.report(epoch.validation_accuracy, epoch.epoch)


class TimeBudget(Callback):
    """Ends the training when the time is over.

    Args:
        deadline: On the clock of `time.monotonic`; None for no limit.
    """

    def __init__(self, deadline: float | None) -> None:
        self._deadline = deadline

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self._deadline is not None and time.monotonic() >= self._deadline

    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:  # noqa: ARG002
        """End the training before the next batch."""
        if self.is_over:
            status.request_stop(TIME_REASON)
