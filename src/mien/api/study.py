"""`mien.Study`: the trials of a study, their runs, and its continuation."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.api.run import Run
from mien.arguments import INTEGER, NUMBER, TEXT, Kind, checked, of_type, optional, within
from mien.data_frame import data_frame
from mien.errors import RunError
from mien.faceset import FaceSet
from mien.openmp import import_torch
from mien.optional import import_optional, named_extras
from mien.text import counted
from mien.training.callbacks import Callback, require_callbacks
from mien.tuning.progress import StudyProgress
from mien.tuning.study import StudyFolder
from mien.tuning.trials import Trial, best_of

if TYPE_CHECKING:
    import pandas as pd

    from mien.tuning.faces import StudyFaces

MOST_TRIALS: Final = 100_000
MOST_HOURS: Final = 100_000
PROGRESS: Final = optional(of_type(StudyProgress, "an instance of a subclass of StudyProgress"))
_TRIAL: Final = Kind(
    lambda value: isinstance(value, Trial) or INTEGER.accepts(value), "a trial of the study, or its number"
)
TRIALS: Final = optional(within(INTEGER, 1, MOST_TRIALS))
HOURS: Final = optional(
    Kind(
        lambda value: NUMBER.accepts(value) and 0 < value <= MOST_HOURS, "a number, over 0 and up to 100,000"
    )
)


class Study(StudyFolder):
    """A study folder: the trials of a recipe with a search space, and the run of each.

    Args:
        path: The folder, as `mien.tune` created it.

    Attributes:
        path: The folder.
        info: The content of `study.json`: recipe, search space, data set.
        trials: The trials so far; several processes may add some.

    Raises:
        RunError: It is no study, or is damaged.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r}): {self.summary}"

    @property
    def summary(self) -> str:
        """Recipe, number of trials, and the best accuracy, in one line."""
        trials = self.trials
        best = best_of(trials)
        what = f"recipe {self.info.recipe_name}, {counted(len(trials), 'trial')}"
        if best is None or best.accuracy is None:
            return what
        return f"{what}, best accuracy on the hold-out {100 * best.accuracy:.2f} % (trial {best.number})"

    @property
    def best(self) -> Trial | None:
        """The complete trial with the highest accuracy on the hold-out; None if none is complete."""
        return best_of(self.trials)

    @checked(RunError, trial=_TRIAL)
    def run(self, trial: int | Trial) -> Run:
        """Return the run of a trial.

        Args:
            trial: The trial, or its number.

        Raises:
            RunError: There is no such trial, or it has no run.
        """
        number = trial.number if isinstance(trial, Trial) else int(trial)
        found = next((one for one in self.trials if one.number == number), None)
        if found is None:
            raise RunError(f"{self.path}: no trial {number}; it has {len(self.trials)}", path=self.path)
        return Run(found.path)

    def to_frame(self) -> "pd.DataFrame":
        """Return the trials as a data frame: number, state, accuracy, epochs, seconds, and the values by key.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        keys = list(self.info.parameters.parameters)
        rows = [
            (one.number, one.state, one.accuracy, one.epochs, one.seconds, *map(one.values.get, keys))
            for one in self.trials
        ]
        return data_frame(rows, ("trial", "state", "accuracy", "epochs", "seconds", *keys))

    @named_extras()
    def report(self) -> Path:
        """Write best.yaml, the figures, trials.csv and the page into the folder; return the path of the page.

        Raises:
            OutputError: The folder can't be written.
        """
        from mien.tuning.page import write_study_report

        return write_study_report(self)

    @named_extras()
    @checked(RunError, trials=TRIALS, hours=HOURS, progress=PROGRESS, device=TEXT)
    def resume(
        self,
        *,
        data: str | Path | FaceSet | None = None,
        trials: int | None = None,
        hours: float | None = None,
        callbacks: Sequence[Callback] = (),
        progress: StudyProgress | None = None,
        device: str = "auto",
    ) -> "Study":
        """Continue the study, also while other processes work on it; trials that were interrupted come first.

        Args:
            data: The data set or its path, if it is not at the path that the study recorded.
            trials: As in `mien.tune`, like the other arguments.
            hours: As in `mien.tune`.
            callbacks: As in `mien.tune`.
            progress: As in `mien.tune`.
            device: As in `mien.tune`.

        Raises:
            DataError: The data set is missing or differs from that of the study.
            RunError: As `mien.tune`.
        """
        require_budget(trials, hours)
        require_callbacks(callbacks)
        require_tuning()
        from mien.tuning.faces import StudyFaces

        faces = StudyFaces(self.info.source, data)
        work_on_study(self, faces, trials, hours, callbacks, progress, device)
        return self


def work_on_study(
    study: Study,
    faces: "StudyFaces",
    trials: int | None,
    hours: float | None,
    callbacks: Sequence[Callback],
    progress: StudyProgress | None,
    device: str,
) -> None:
    """Work on a study until the budget is used."""
    from mien.tuning.callbacks import TimeBudget
    from mien.tuning.worker import Work, work_on

    faces.require(study.base)
    deadline = None if hours is None else time.monotonic() + 3600 * hours
    work_on(
        Work(
            study, faces, trials=trials, time=TimeBudget(deadline), device=device,
            callbacks=tuple(callbacks), progress=progress or StudyProgress(),
        )
    )  # fmt: skip


def require_budget(trials: int | None, hours: float | None) -> None:
    """Check that a study ends.

    Raises:
        RunError: Neither a number of trials nor a time is given.
    """
    if trials is None and hours is None:
        raise RunError("tuning needs a budget: pass trials=... or hours=...")


def require_tuning() -> None:
    """Import what tuning needs, or say which extra has it."""
    import_torch()
    import_optional("optuna", "tune")
