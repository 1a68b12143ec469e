"""The console output of a training: a progress bar on a terminal, and notices everywhere."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mien.cli.app import with_options
from mien.console import Console
from mien.text import counted
from mien.training.callbacks import Batch, Callback, TrainingStatus

if TYPE_CHECKING:
    from mien.training.run_folder.state import Epoch

_EVERY = 16
"""Batches between two updates of the bar: each waits for the training device."""


class ConsoleProgress(Callback):
    """Shows loss, accuracy, faces per second and remaining time during training, and its result.

    Where the console is no terminal it prints notices and the result only.

    Args:
        console: Usually standard error; a quiet one prints nothing.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            console=console, transient=True, disable=console.quiet or not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", figures="", total=None)
        self._started = time.perf_counter()

    def on_train_start(self, status: TrainingStatus) -> None:
        """Print the run folder and show the bar."""
        self.on_notice(f"training in {status.path}")
        self._bar.start()

    def on_epoch_start(self, status: TrainingStatus) -> None:
        """Reset the bar."""
        self._started = time.perf_counter()
        title = f"epoch {status.epoch + 1}/{status.epochs}"
        self._bar.reset(self._task, description=title, figures="", total=None)

    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:
        """Update the bar at intervals, and only where it is shown."""
        if self._bar.disable or (batch.number % _EVERY and batch.number != batch.count):
            return
        passed = time.perf_counter() - self._started
        figures = (
            f"train loss {batch.loss:.3f} acc {100 * batch.accuracy:.1f} %  "
            f"{batch.faces / passed:,.0f} faces/s  {_time_left(status, batch, passed)} left"
        )
        self._bar.update(self._task, completed=batch.number, total=batch.count, figures=figures)

    def on_epoch_end(self, status: TrainingStatus, epoch: "Epoch") -> None:
        """Print one line with the epoch's result above the bar."""
        if not self._bar.disable:
            self._console.print(
                f"epoch {epoch.epoch:3d}  train loss {epoch.train_loss:.3f} acc "
                f"{100 * epoch.train_accuracy:.1f} %  val loss {epoch.validation_loss:.3f} acc "
                f"{100 * epoch.validation_accuracy:.1f} %  {epoch.seconds:.0f} s"
                f"{'  best' if status.best is epoch else ''}",
                highlight=False,
            )

    def on_notice(self, message: str) -> None:
        """Print one line."""
        self._console.print(with_options(message), highlight=False, markup=False, soft_wrap=True)

    def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:
        """Remove the bar and print the result, or after Ctrl-C how to continue."""
        self._bar.stop()
        if isinstance(error, KeyboardInterrupt):
            self.on_notice(f"stopped; continue with: mien train --resume {status.path}")
        elif error is None and status.best is not None:
            self.on_notice(_result(status, status.best))


def _result(status: TrainingStatus, best: "Epoch") -> str:
    seconds = sum(row.seconds for row in status.history)
    return (
        f"{counted(status.epoch, 'epoch')} in {seconds:.0f} s; best validation accuracy "
        f"{100 * best.validation_accuracy:.2f} % in epoch {best.epoch}"
    )


def _time_left(status: TrainingStatus, batch: Batch, passed: float) -> timedelta:
    """Of the whole training, at the mean time of this epoch's batches."""
    batches = batch.count - batch.number + (status.epochs - batch.epoch) * batch.count
    return timedelta(seconds=round(batches * passed / batch.number))
