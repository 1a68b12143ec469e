"""Tuning from Python: `mien.tune` and `mien.lr_range`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien.api.recipes import resolve_recipe
from mien.api.study import HOURS, PROGRESS, TRIALS, Study, require_budget, require_tuning, work_on_study
from mien.api.training_faces import read_training_faces, require_outside, with_faces
from mien.arguments import FLAG, INTEGER, NAMES, NUMBER, TEXT, TEXTS, checked, of_type, optional, within
from mien.config.load import with_overrides
from mien.config.recipe import Recipe
from mien.data.classes import Classes
from mien.errors import RunError
from mien.faceset import FaceSet
from mien.files.targets import require_folder
from mien.files.writing import as_path
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.training.callbacks import Callback, require_callbacks
from mien.tuning.progress import StudyProgress
from mien.tuning.study import open_or_create, require_free
from mien.tuning.study_file import StudyInfo

if TYPE_CHECKING:
    from mien.tuning.lr_range import LrRange

STUDIES: Final = Path("studies")
"""Folder of studies that are given none."""

_SPACE: Final = of_type(object, "the path of a YAML file, or a mapping")


@named_extras()
@checked(
    RunError, space=_SPACE, trials=TRIALS, hours=HOURS, overrides=TEXTS, progress=PROGRESS,
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
    require_budget(trials, hours)
    require_callbacks(callbacks)
    require_tuning()
    from mien.tuning.faces import StudyFaces
    from mien.tuning.space import require_space
    from mien.tuning.space_file import read_space

    name, base = resolve_recipe(recipe, with_faces(overrides, faces))
    path = STUDIES / name if out is None else as_path(out, "out", RunError)
    wanted_space = read_space(_given(space))
    require_space(wanted_space, _held_out(base), "space" if isinstance(space, Mapping) else str(space))
    _require_startable(path, data)
    source, read = read_training_faces(data, base, ferplus, callbacks, classes, skip_bad=skip_bad)
    info = StudyInfo(
        recipe_name=name, recipe=_held_out(base).model_dump(mode="json"), space=wanted_space.to_json(),
        source=source, validation=base.data.validation, pretrained=_absolute(pretrained), seed=seed,
        pruning=bool(pruning),
    )  # fmt: skip
    reader = StudyFaces(source, data if isinstance(data, FaceSet) else None, read)
    reader.require(info.base)
    study = Study(open_or_create(path, info).path)
    work_on_study(study, reader, trials, hours, callbacks, progress, device)
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
        raise RunError(f"low is {low:g} and high {high:g}; expected low below high")
    import_torch()
    from mien.training.start import start_of
    from mien.tuning.lr_range import measure_lr_range

    _, resolved = resolve_recipe(recipe, with_faces(overrides, faces))
    resolved, start = start_of(resolved, pretrained)
    _, read = read_training_faces(data, resolved, ferplus, (), classes, skip_bad=skip_bad)
    return measure_lr_range(resolved, read, low=low, high=high, batches=batches, start=start, device=device)


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


def _require_startable(path: Path, data: str | Path | FaceSet | None) -> None:
    """Check what is quick to check before the faces are read."""
    require_folder(path)
    require_free(path)
    require_outside(path, data)


def _absolute(pretrained: str | Path | None) -> str | None:
    """The path of pretrained weights from any folder; a name stays a name."""
    if pretrained is None:
        return None
    path = as_path(pretrained, "pretrained", RunError)
    return str(path.resolve()) if path.exists() else str(pretrained)
