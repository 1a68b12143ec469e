"""Tuning from Python: `mien.tune`, `mien.Study` and `mien.lr_range`."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien.api.recipes import resolve_recipe
from mien.api.run import Run
from mien.api.training import read_training_faces, with_faces
from mien.arguments import FLAG, INTEGER, NAMES, NUMBER, TEXT, TEXTS, Kind, checked, of_type, optional, within
from mien.config.load import with_overrides
from mien.config.recipe import Recipe
from mien.data.classes import Classes
from mien.data_frame import data_frame
from mien.errors import DataError, RunError
from mien.faceset import FaceSet
from mien.files import as_path
from mien.openmp import import_torch
from mien.optional import import_optional, named_extras
from mien.targets import is_inside, require_folder
from mien.training.callbacks import Callback, require_callbacks
from mien.tuning.progress import StudyProgress
from mien.tuning.study import StudyFolder, open_or_create, require_free
from mien.tuning.study_file import StudyInfo
from mien.tuning.trials import Trial, best_of

if TYPE_CHECKING:
    import pandas as pd

    from mien.tuning.lr_range import LrRange

STUDIES: Final = Path("studies")
"""Folder of studies that are given none."""

MOST_TRIALS: Final = 100_000
_SPACE: Final = of_type(object, "the path of a YAML file, or a mapping")
_PROGRESS: Final = optional(of_type(StudyProgress, "an instance of a subclass of StudyProgress"))
_TRIAL: Final = Kind(
    lambda value: isinstance(value, Trial) or INTEGER.accepts(value), "a trial of the study, or its number"
)
_TRIALS: Final = optional(within(INTEGER, 1, MOST_TRIALS))
_HOURS: Final = optional(within(NUMBER, 1e-6, 1e5))


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
        trials = self.trials
        best = best_of(trials)
        what = (
            f"{type(self).__name__}({str(self.path)!r}): recipe {self.info.recipe_name}, {len(trials)} trials"
        )
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
    @checked(RunError, trials=_TRIALS, hours=_HOURS, progress=_PROGRESS, device=TEXT)
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
        _require_budget(trials, hours)
        require_callbacks(callbacks)
        _require_tuning()
        from mien.tuning.faces import StudyFaces

        faces = StudyFaces(self.info.source, data)
        _work(self, faces, trials, hours, callbacks, progress, device)
        return self


@named_extras()
@checked(
    RunError, space=_SPACE, trials=_TRIALS, hours=_HOURS, overrides=TEXTS, progress=_PROGRESS,
    device=TEXT, faces=optional(TEXT), classes=optional(NAMES), skip_bad=FLAG,
    seed=within(INTEGER, 0, 2**31 - 1), pruning=FLAG,
)  # fmt: skip
def tune(
    recipe: str | Path | Recipe | Mapping[str, Any] = "fast",
    *,
    data: str | Path | FaceSet | None = None,
    space: str | Path | Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    trials: int | None = None,
    hours: float | None = None,
    overrides: Mapping[str, Any] | Iterable[str] = (),
    callbacks: Sequence[Callback] = (),
    progress: StudyProgress | None = None,
    device: str = "auto",
    pretrained: str | Path | None = None,
    ferplus: str | Path | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    skip_bad: bool = False,
    seed: int = 0,
    pruning: bool = True,
) -> Study:
    """Search values of recipe keys that give a higher validation accuracy, and return the study.

    Trials are compared on a stratified hold-out inside the training split, so that the validation split of
    the data set stays for the final check. The first trial is the unchanged recipe, if the space contains it.
    A study in the folder is continued if it is the same one: after a kill, or beside other processes.

    Args:
        recipe: As in `mien.train`.
        data: As in `mien.train`.
        space: The search space: the path of a YAML file, or a mapping of recipe keys to ranges or choices.
        out: The folder of the study; `studies/RECIPE` by default.
        trials: Number of trials of the whole study, by all processes, after which no new one begins.
        hours: Hours after which this call ends; the next one continues a trial that it interrupts.
        overrides: As in `mien.train`.
        callbacks: Run at their points of the training of each trial.
        progress: Follows the trials; see `mien.tuning.progress.StudyProgress`.
        device: As in `mien.train`.
        pretrained: As in `mien.train`; each trial starts from these weights.
        ferplus: As in `mien.train`.
        faces: As in `mien.train`.
        classes: As in `mien.train`.
        skip_bad: As in `mien.train`.
        seed: Of the proposed values.
        pruning: End trials early that are worse than others after as many epochs (successive halving).

    Raises:
        RecipeError: The recipe, an override or the space is not valid.
        DataError: The data set can't be read.
        RunError: Neither `trials` nor `hours` is given, the folder has another study, or the trials fail.
        MissingExtraError: Optuna or PyTorch is not installed.

    Examples:
        >>> import mien
        >>> space = {"optimizer.lr": {"low": 0.001, "high": 0.1, "log": True}}
        >>> changes = {"train.epochs": 1, "train.batch_size": 16}
        >>> study = mien.tune("demo", data="synthetic:70", space=space, trials=2, overrides=changes)
        >>> len(study.trials), study.trials[0].is_baseline
        (2, True)
    """
    _require_budget(trials, hours)
    require_callbacks(callbacks)
    _require_tuning()
    from mien.tuning.faces import StudyFaces
    from mien.tuning.space import read_space, require_space

    name, base = resolve_recipe(recipe, with_faces(overrides, faces))
    path = STUDIES / name if out is None else as_path(out, "out", RunError)
    wanted_space = read_space(_given(space))
    require_space(wanted_space, _held_out(base), "space" if isinstance(space, Mapping) else str(space))
    _require_startable(path, data)
    votes = None if ferplus is None else as_path(ferplus, "ferplus", DataError)
    source, read = read_training_faces(data, base, votes, callbacks, classes, skip_bad=skip_bad)
    info = StudyInfo(
        recipe_name=name, recipe=_held_out(base).model_dump(mode="json"), space=wanted_space.to_json(),
        source=source, validation=base.data.validation, pretrained=_absolute(pretrained), seed=seed,
        pruning=bool(pruning),
    )  # fmt: skip
    reader = StudyFaces(source, data if isinstance(data, FaceSet) else None, read)
    reader.require(info.base)
    study = Study(open_or_create(path, info).path)
    _work(study, reader, trials, hours, callbacks, progress, device)
    return study


@named_extras()
@checked(
    RunError, low=within(NUMBER, 1e-12, 1e6), high=within(NUMBER, 1e-12, 1e6),
    batches=within(INTEGER, 20, 100_000), overrides=TEXTS, device=TEXT, faces=optional(TEXT),
    classes=optional(NAMES), skip_bad=FLAG,
)  # fmt: skip
def lr_range(
    recipe: str | Path | Recipe | Mapping[str, Any] = "fast",
    *,
    data: str | Path | FaceSet | None = None,
    low: float = 1e-5,
    high: float = 10.0,
    batches: int = 200,
    overrides: Mapping[str, Any] | Iterable[str] = (),
    device: str = "auto",
    pretrained: str | Path | None = None,
    ferplus: str | Path | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    skip_bad: bool = False,
) -> "LrRange":
    """Train some batches with a growing learning rate, and return the losses with a suggestion.

    Nothing is written. The optimizer, the batch size and the augmentation are those of the recipe.

    Args:
        recipe: As in `mien.train`.
        data: As in `mien.train`.
        low: First learning rate.
        high: Last learning rate; the test ends earlier if the loss explodes.
        batches: Number of batches between the two.
        overrides: As in `mien.train`.
        device: As in `mien.train`.
        pretrained: As in `mien.train`.
        ferplus: As in `mien.train`.
        faces: As in `mien.train`.
        classes: As in `mien.train`.
        skip_bad: As in `mien.train`.

    Raises:
        RecipeError: The recipe or an override is not valid.
        DataError: The data set can't be read.
        RunError: `low` is not below `high`, or the loss is not finite from the start.
        MissingExtraError: PyTorch is not installed.
    """
    if low >= high:
        raise RunError(f"low={low:g} and high={high:g}: expected low below high")
    import_torch()
    from mien.training.start import start_of
    from mien.tuning.lr_range import measure_lr_range

    _, resolved = resolve_recipe(recipe, with_faces(overrides, faces))
    resolved, start = start_of(resolved, pretrained)
    votes = None if ferplus is None else as_path(ferplus, "ferplus", DataError)
    _, read = read_training_faces(data, resolved, votes, (), classes, skip_bad=skip_bad)
    return measure_lr_range(resolved, read, low=low, high=high, batches=batches, start=start, device=device)


def _work(
    study: Study,
    faces: Any,  # noqa: ANN401 - a `StudyFaces`, which is imported later
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


def _held_out(recipe: Recipe) -> Recipe:
    """The recipe, validated on a hold-out inside the training split."""
    return with_overrides(recipe, ["data.validation=holdout"])


def _given(space: str | Path | Mapping[str, Any] | None) -> str | Path | Mapping[str, Any]:
    if space is None:
        raise RunError(
            "tuning needs a search space: pass space=... with a YAML file of recipe keys, such as "
            "optimizer.lr: {low: 0.01, high: 0.3, log: true}"
        )
    return space


def _require_budget(trials: int | None, hours: float | None) -> None:
    if trials is None and hours is None:
        raise RunError("tuning needs a budget: pass trials=... or hours=...")


def _require_tuning() -> None:
    """Import what tuning needs, or say which extra has it."""
    import_torch()
    import_optional("optuna", "tune")


def _require_startable(path: Path, data: str | Path | FaceSet | None) -> None:
    """Check what is quick to check before the faces are read."""
    require_folder(path)
    require_free(path)
    if isinstance(data, str | Path) and is_inside(path, Path(data)):
        raise RunError(
            f"{path}: a folder inside the data set {data}, whose images would be read as faces of it; "
            "pass out=... for a folder outside of it",
            path=path,
        )


def _absolute(pretrained: str | Path | None) -> str | None:
    """The path of pretrained weights from any folder; a name stays a name."""
    if pretrained is None:
        return None
    path = as_path(pretrained, "pretrained", RunError)
    return str(path.resolve()) if path.exists() else str(pretrained)
