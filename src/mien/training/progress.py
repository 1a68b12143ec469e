"""What a person sees of a training: a bar an epoch on a terminal, and notices anywhere."""

import time
from datetime import timedelta
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from torch import Tensor

from mien.training.state import Epoch


class TrainingProgress:
    """Shows loss, accuracy, faces/s and time left while a training runs; a context manager.

    On anything but a terminal it prints notices only.

    Args:
        console: Where to; usually standard error.
        quiet: Print nothing at all.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            console=console, transient=True, disable=quiet or not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", figures="", total=None)
        self._started = time.perf_counter()
        self._epochs_left, self._batches = 0, 1

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @property
    def watched(self) -> bool:
        """Whether anybody sees the bar; computing figures for nobody would cost time."""
        return not self._bar.disable

    def start_epoch(self, epoch: int, epochs: int, batches: int) -> None:
        """Begin the bar of epoch number `epoch` (from 1) of `epochs`."""
        self._started = time.perf_counter()
        self._epochs_left, self._batches = epochs - epoch, batches
        self._bar.reset(self._task, total=batches, description=f"epoch {epoch}/{epochs}", figures="")

    def after_batch(self, done: int, faces: int, loss: Tensor, correct: Tensor) -> None:
        """Show `done` batches of `faces` faces in all, with sums of loss (a batch) and hits."""
        if self.watched:
            passed = time.perf_counter() - self._started
            figures = (
                f"loss {float(loss) / done:.3f}  accuracy {100 * float(correct) / faces:.1f} %  "
                f"{faces / passed:,.0f} faces/s  {self._time_left(done, passed)} left"
            )
            self._bar.update(self._task, completed=done, figures=figures)

    def _time_left(self, done: int, passed: float) -> timedelta:
        """Of the whole training, as if every batch to come took as long as those of this epoch."""
        batches = self._batches - done + self._epochs_left * self._batches
        return timedelta(seconds=round(batches * passed / done))

    def after_epoch(self, row: Epoch, *, best: bool) -> None:
        """Leave one line of an epoch's result above the bar."""
        if self.watched:
            self._console.print(
                f"epoch {row.epoch:3d}  loss {row.train_loss:.3f} / {row.validation_loss:.3f}"
                f"  accuracy {100 * row.train_accuracy:.1f} / {100 * row.validation_accuracy:.1f} %"
                f"  {row.seconds:.0f} s{'  best so far' if best else ''}",
                highlight=False,
            )

    def notice(self, text: str) -> None:
        """Print one line, unless told to be quiet."""
        if not self._quiet:
            self._console.print(text, highlight=False, markup=False, soft_wrap=True)
