"""The console output of a study: a line for each trial, and on a terminal the epoch of the current one."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.text import Text

from mien.cli.app import with_options
from mien.console import Console
from mien.text import counted
from mien.training.callbacks import Callback, TrainingStatus
from mien.tuning.parameters import text_of
from mien.tuning.progress import StudyProgress
from mien.tuning.trials import COMPLETE, FAILED, RUNNING

if TYPE_CHECKING:
    from mien.training.run_folder.state import Epoch
    from mien.tuning.study import StudyFolder
    from mien.tuning.trials import Trial


class TuningProgress(StudyProgress):
    """Prints the result of each trial.

    Args:
        console: Usually standard error; a quiet one prints nothing.
        trials: Number of trials of the study, if it is known.

    Attributes:
        training: A callback for the training of each trial.
    """

    def __init__(self, console: Console, trials: int | None = None) -> None:
        self._console = console
        self._trials = trials
        self._status = console.status("")
        self._study: StudyFolder | None = None
        self._title = ""
        self.training = _EpochStatus(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the status, and after Ctrl-C say how to continue."""
        self._status.stop()
        if isinstance(error, KeyboardInterrupt) and self._study is not None:
            self._print(f"stopped; continue with: mien tune --resume {self._study.path}{self._budget()}")

    def on_trial_start(self, study: "StudyFolder", trial: "Trial", *, resumed: bool) -> None:
        """Print the values of the trial."""
        if self._study is None:
            self._print(f"study in {study.path}")
        self._study = study
        verb = "is continued" if resumed else "begins"
        values = "the unchanged recipe" if trial.is_baseline else values_of(trial)
        self._title = f"trial {trial.number}"
        self._print(f"{self._title} {verb}: {values}")
        self.show(self._title)

    def on_trial_end(self, study: "StudyFolder", trial: "Trial", best: "Trial | None") -> None:  # noqa: ARG002
        """Print the result of the trial."""
        self._status.stop()
        self._print(f"trial {trial.number} {_result(trial)}{_best(trial, best)}")

    @property
    def has_begun(self) -> bool:
        """Whether this process has worked on a trial."""
        return self._study is not None

    def show(self, text: str) -> None:
        """Show what is going on, on a terminal."""
        if self._console.is_terminal and not self._console.quiet:
            self._status.update(Text(text))
            self._status.start()

    def on_epoch(self, status: TrainingStatus, epoch: "Epoch") -> None:
        """Show an epoch of the current trial."""
        accuracy = f"{100 * epoch.validation_accuracy:.1f} %"
        self.show(f"{self._title}: epoch {epoch.epoch}/{status.epochs}, validation accuracy {accuracy}")

    def _budget(self) -> str:
        return f" --trials {self._trials}" if self._trials else " --hours H"

    def _print(self, message: str) -> None:
        self._console.print(with_options(message), highlight=False, markup=False, soft_wrap=True)


class _EpochStatus(Callback):
    def __init__(self, progress: TuningProgress) -> None:
        self._progress = progress

    def on_epoch_end(self, status: TrainingStatus, epoch: "Epoch") -> None:
        self._progress.on_epoch(status, epoch)


def values_of(trial: "Trial") -> str:
    """Return the values of a trial in one line."""
    return ", ".join(f"{key}={text_of(value)}" for key, value in trial.values.items())


def _result(trial: "Trial") -> str:
    if trial.state == FAILED:
        return f"failed: {trial.reason}"
    if trial.accuracy is None:
        return "is interrupted"
    accuracy = f"{100 * trial.accuracy:.2f} % after {counted(trial.epochs, 'epoch')}"
    words = {COMPLETE: "", RUNNING: " (interrupted)"}.get(trial.state, f" ({trial.state})")
    return f"has {accuracy}{words}"


def _best(trial: "Trial", best: "Trial | None") -> str:
    if best is None or best.accuracy is None:
        return ""
    if best.number == trial.number:
        return "; the best so far"
    return f"; best {100 * best.accuracy:.2f} % (trial {best.number})"
