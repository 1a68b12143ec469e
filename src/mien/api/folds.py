"""`mien.out_of_fold`: predictions for training faces by networks that were not trained on them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien.api.recipes import resolve_recipe
from mien.api.training_faces import read_training_faces, require_outside, with_faces
from mien.arguments import FLAG, INTEGER, NAMES, TEXT, TEXTS, checked, optional, within
from mien.config.data import Fold
from mien.config.recipe import Recipe
from mien.data.classes import Classes
from mien.errors import RunError
from mien.evaluation.out_of_fold import ALL_FILE, TRAIN_FILE, joined, of_fold
from mien.faceset import FaceSet
from mien.files.identify import RUN, identify
from mien.files.targets import require_folder
from mien.files.writing import as_path
from mien.limits import MAX_FOLDS
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.predictions import Predictions
from mien.predictions_file import write_predictions
from mien.training.callbacks import Callback, CallbackList, require_callbacks

if TYPE_CHECKING:
    from mien.training.run_folder.info import Source
    from mien.training.run_folder.run import RunFolder

FOLDS: Final = Path("out-of-fold")
"""Folder of the runs and the predictions if none is given."""


@named_extras()
@checked(
    RunError,
    folds=within(INTEGER, 2, MAX_FOLDS),
    seed=within(INTEGER, 0, 2**31 - 1),
    split=TEXT,
    overrides=TEXTS,
    device=TEXT,
    faces=optional(TEXT),
    classes=optional(NAMES),
    skip_bad=FLAG,
)
def out_of_fold(
    recipe: str | Path | Recipe | Mapping[str, Any] = "fast",
    data: str | Path | FaceSet | None = None,
    *,
    folds: int = 5,
    seed: int = 0,
    out: str | Path | None = None,
    split: str = "train",
    overrides: Mapping[str, Any] | Iterable[str] = (),
    callbacks: Sequence[Callback] = (),
    device: str = "auto",
    ferplus: str | Path | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    skip_bad: bool = False,
) -> Predictions:
    """Train a recipe once for each fold without the faces of the fold, and predict these.

    The copies of a face, also shifted and mirrored ones, are in one fold. Each fold is a run in the folder,
    fold-1 to fold-5. `train.npz` has the predictions for all faces of the training split, such as for
    `mien.audit` or distillation; `all.npz` has those of the other splits, too, each by the network of its
    fold. An interrupted call continues when it is repeated.

    Args:
        recipe: As in `mien.train`.
        data: The data set, as in `mien.train`.
        folds: Number of folds, 2 to 20.
        seed: Decides which faces are in which fold.
        out: The folder; `out-of-fold` by default.
        split: "train" or "all": the predictions that are returned.
        overrides: Values of the recipe to change, as in `mien.train`.
        callbacks: Run at their points of each training.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        ferplus: The FER+ votes, as in `mien.train`.
        faces: "whole" or "detect", as in `mien.train`.
        classes: Names of the classes of `data`; see `mien.read_faces`.
        skip_bad: Leave out rows that can't be read instead of raising.

    Returns:
        The predictions, with the ids and labels of the data set.

    Raises:
        RecipeError: The recipe or an override is not valid, or it leaves out a fold itself.
        DataError: The data set can't be read, or the recipe can't be trained on it.
        RunError: The folder has runs of another recipe, data set or number of folds.
        MissingExtraError: PyTorch is not installed.

    Examples:
        >>> import mien
        >>> overrides = {"train.epochs": 1, "train.batch_size": 16}
        >>> predictions = mien.out_of_fold("demo", "synthetic:70", folds=2, out="folds", overrides=overrides)
        >>> len(predictions), predictions.split
        (56, 'out-of-fold')
    """
    require_callbacks(callbacks)
    if split not in ("train", "all"):
        raise RunError(f"split={split!r}, expected 'train' or 'all'")
    name, resolved = resolve_recipe(recipe, with_faces(overrides, faces))
    if resolved.data.fold is not None:
        raise RunError("data.fold is set by out-of-fold training; remove it from the recipe")
    folder = FOLDS if out is None else as_path(out, "out", RunError)
    _require_own_folder(folder, data)
    import_torch()
    source, read = read_training_faces(data, resolved, ferplus, callbacks, classes, skip_bad=skip_bad)
    parts = []
    for number in range(1, folds + 1):
        fold = resolved.data.model_copy(update={"fold": Fold(number=number, of=folds, seed=seed)})
        run = _trained(
            folder / f"fold-{number}", name, resolved.model_copy(update={"data": fold}), source, read,
            callbacks, device,
        )  # fmt: skip
        parts.append(of_fold(run, read, device=device))
    found = {which: joined(parts, read, which, f"{name}, {folds} folds") for which in ("train", "all")}
    write_predictions(folder / TRAIN_FILE, found["train"])
    write_predictions(folder / ALL_FILE, found["all"])
    return found[split]


def _require_own_folder(folder: Path, data: str | Path | FaceSet | None) -> None:
    require_folder(folder)
    if identify(folder) is RUN:
        raise RunError(f"{folder}: this is a run; pass out=... for a folder of folds", path=folder)
    require_outside(folder, data)


def _trained(
    path: Path,
    name: str,
    recipe: Recipe,
    source: "Source",
    faces: FaceSet,
    callbacks: Sequence[Callback],
    device: str,
) -> "RunFolder":
    """Return the run of a fold, trained to its end: continued or not at all if it exists already."""
    from mien.training.progress import progress_of
    from mien.training.run_folder.creation import refuse_taken
    from mien.training.run_folder.run import RunFolder
    from mien.training.runner import train_run
    from mien.training.setup import known_training, new_training
    from mien.training.start import start_of

    resolved, start = start_of(recipe, None)
    CallbackList(callbacks).on_notice(f"{path}: fold {path.name.partition('-')[2]}")
    if (path / "run.json").is_file():
        run = RunFolder(path)
        _require_same(run, resolved, faces)
        if not (progress_of(run).finished and run.has_checkpoint):
            train_run(known_training(run, callbacks, data=faces, device=device))
        return RunFolder(path)
    refuse_taken(path)
    train_run(new_training(path, name, resolved, source, faces, callbacks, device=device, start=start))
    return RunFolder(path)


def _require_same(run: "RunFolder", recipe: Recipe, faces: FaceSet) -> None:
    from mien.training.run_folder.corrections import with_absolute_corrections
    from mien.training.run_folder.identity import changed_keys
    from mien.training.soft_targets.distillation import with_absolute_teachers

    expected = with_absolute_corrections(with_absolute_teachers(recipe)).model_dump(mode="json")
    changed = next(changed_keys(run.recipe.model_dump(mode="json"), expected), None)
    if changed is None and run.fingerprint != faces.fingerprint:
        changed = "the data set"
    if changed is not None:
        raise RunError(
            f"{run.path}: a fold of another training ({changed} differs); pass out=... for another "
            "folder, or remove this one",
            path=run.path,
        )
