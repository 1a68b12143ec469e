"""Training from Python: `mien.train` and `mien.resume`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mien.api.recipes import resolve_recipe
from mien.api.run import Run
from mien.api.training_faces import read_training_faces, require_outside, with_faces
from mien.arguments import FLAG, INTEGER, NAMES, TEXT, TEXTS, checked, optional
from mien.config.recipe import Recipe
from mien.data.classes import Classes
from mien.errors import RecipeError, RunError
from mien.faceset import FaceSet
from mien.files.targets import require_folder
from mien.files.writing import as_path
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.training.callbacks import Callback, CallbackList, require_callbacks
from mien.training.parallel.plan import Plan, is_external, planned
from mien.training.run_folder.changes import changes_between, remaining_changes, unused_changes
from mien.training.run_folder.creation import free_folder, refuse_taken


class RunElsewhereError(RunError):
    """The training succeeded, and another machine has its run."""


RUNS: Final = Path("runs")
"""Folder of runs that are given none."""


@named_extras()
@checked(
    RunError, overrides=TEXTS, device=TEXT, devices=optional(INTEGER), nodes=optional(INTEGER),
    faces=optional(TEXT), classes=optional(NAMES), skip_bad=FLAG,
)  # fmt: skip
def train(
    recipe: str | Path | Recipe | Mapping[str, Any] = "fast",
    *,
    data: str | Path | FaceSet | None = None,
    out: str | Path | None = None,
    overrides: Mapping[str, Any] | Iterable[str] = (),
    callbacks: Sequence[Callback] = (),
    device: str = "auto",
    devices: int | None = None,
    nodes: int | None = None,
    pretrained: str | Path | None = None,
    ferplus: str | Path | None = None,
    faces: str | None = None,
    classes: Classes | None = None,
    skip_bad: bool = False,
) -> Run:
    """Train a recipe on a data set and return its run.

    Everything is kept in the run folder, so that a training that was interrupted is resumed by
    `mien.resume` with the same result.

    Args:
        recipe: A name from `mien.list_recipes`, the path of a YAML file, a `Recipe`, or a mapping
            of its keys.
        data: The data set: a CSV, archive or folder of faces, "synthetic:COUNT", "kaggle" for FER2013 from
            Kaggle, or a `FaceSet`.
        out: The run folder to create; `runs/RECIPE` by default, with a number if it exists.
        overrides: Values of the recipe to change, by their key, such as `{"train.epochs": 5}`, or
            as strings such as `"train.epochs=5"`.
        callbacks: Run at their points of the training.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        devices: Number of devices of each machine that train together, one process each: GPUs, or processes
            that share the CPU. 1 by default, or what `torchrun` started.
        nodes: Number of machines; 1 by default, or what `torchrun` started. The same call is made on each,
            with the environment variables MASTER_ADDR, MASTER_PORT and NODE_RANK.
        pretrained: What to start from: a run, the file or the name of a bundle, "imagenet", or a safetensors
            file. A recipe may name a run or a bundle itself, as finetune does.
        ferplus: The FER+ votes, `fer2013new.csv`, joined to the data set.
        faces: "whole" if each image of `data` is a face, or "detect" to detect and crop the faces in
            photographs; short for the override `data.faces`.
        classes: Names of the classes of `data`; see `mien.read_faces`.
        skip_bad: Leave out rows that can't be read instead of raising.

    Returns:
        The run. Its training is complete unless a callback requested a stop. Of several processes, that of
        rank 0 writes it and runs the callbacks.

    Raises:
        RecipeError: The recipe or an override is not valid, or the device is not available.
        DataError: The data set can't be read, or the recipe can't be trained on it.
        RunError: The folder exists, the training diverged repeatedly, `callbacks` are not callbacks, or
            another process of the training ended.
        RunElsewhereError: The training succeeded, and the run is on the machine of the process of rank 0.
        BundleError: A teacher of the recipe is missing or doesn't fit.
        MissingExtraError: PyTorch is not installed.

    Examples:
        >>> import mien
        >>> overrides = {"train.epochs": 1, "train.batch_size": 16}
        >>> run = mien.train("demo", data="synthetic:70", out="runs/example", overrides=overrides)
        >>> len(run.history)
        1
    """
    require_callbacks(callbacks)
    changing = with_faces(overrides, faces)
    name, resolved = resolve_recipe(recipe, changing)
    plan = planned(devices, nodes)
    target = free_folder(RUNS, name) if out is None else as_path(out, "out", RunError)
    if not plan.world.rank:
        _require_startable(resolved, target, data)
    import_torch()
    from mien.training.parallel.following import follow
    from mien.training.parallel.joining import joined
    from mien.training.run_folder.corrections import divided
    from mien.training.runner import train_run
    from mien.training.setup import new_training
    from mien.training.start import start_of

    requested = _changes(recipe, resolved, changing)
    resolved, start = start_of(resolved, pretrained)
    changes = remaining_changes(requested, resolved)
    if unused := unused_changes(requested, changes, pretrained=start is not None):
        CallbackList(callbacks).on_notice(unused)
    source, read = read_training_faces(data, resolved, ferplus, callbacks, classes, skip_bad=skip_bad)
    split = divided(read, resolved)
    with joined(plan, split, device) as world:
        if world.rank:
            target = follow(world, split, device)
        else:
            training = new_training(
                target, name, resolved, source, read, callbacks, device=device, start=start, changes=changes,
                world=world,
            )  # fmt: skip
            train_run(training)
    return _trained(target, plan, data if isinstance(data, FaceSet) else None)


@named_extras()
@checked(
    RunError, device=TEXT, devices=optional(INTEGER), nodes=optional(INTEGER), recover=FLAG,
    epochs=optional(INTEGER),
)  # fmt: skip
def resume(
    run: str | Path | Run,
    *,
    data: str | Path | FaceSet | None = None,
    callbacks: Sequence[Callback] = (),
    device: str = "auto",
    devices: int | None = None,
    nodes: int | None = None,
    recover: bool = False,
    epochs: int | None = None,
) -> Run:
    """Continue the training of a run from its newest checkpoint, to the same result as without a stop.

    A number of epochs makes the training longer. Its result is that of a run planned with so many epochs if
    the schedule doesn't depend on their number (constant, step, plateau). Others, such as cosine, are
    stretched; a notice says at which learning rate the training continues. The run records the change.

    Args:
        run: The run, or its folder.
        data: The data set or its path, if it is not at the path that the run recorded.
        callbacks: Run at their points of the training.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        devices: As for `train`; by default as many as the run was begun with. Another number is refused if
            the result depends on it (`train.sync_batchnorm`).
        nodes: Likewise.
        recover: Return to the best checkpoint first, and lower the learning rate.
        epochs: New number of epochs of the whole training; that of the recipe by default.

    Raises:
        RunError: It is no run folder, is damaged, another process trains it, more than `epochs` are
            completed, or `callbacks` are not callbacks.
        DataError: The data set is missing or differs from that of the run.
        BundleError: A teacher is missing or damaged.
        MissingExtraError: PyTorch is not installed.
    """
    require_callbacks(callbacks)
    opened = run if isinstance(run, Run) else Run(run)
    import_torch()
    plan = planned(*_sizes(opened, devices, nodes))
    if epochs is not None and not plan.world.rank:
        opened = _extended(opened, epochs, callbacks, recover=recover)
    from mien.training.parallel.following import follow
    from mien.training.parallel.joining import joined
    from mien.training.run_folder.faces import read_run_faces
    from mien.training.runner import train_run
    from mien.training.setup import known_training

    read = read_run_faces(opened, data, votes=True)
    with joined(plan, read, device) as world:
        if world.rank:
            follow(world, read, device)
        else:
            training = known_training(opened, callbacks, faces=read, device=device, world=world)
            train_run(training, recover=recover)
    return _trained(opened.path, plan, opened.data if data is None else data)


def _sizes(run: Run, devices: int | None, nodes: int | None) -> tuple[int | None, int | None]:
    """Return the numbers of devices and machines for a run: by default those that it was begun with."""
    if is_external():
        return devices, nodes
    begun = run.info.environment
    return devices or begun.get("devices", 1), nodes or (1 if devices else begun.get("nodes", 1))


def _trained(path: Path, plan: Plan, data: str | Path | FaceSet | None) -> Run:
    """Return the run of a training that has ended."""
    if plan.world.rank and not path.exists():
        raise RunElsewhereError(f"{path}: the run is on the machine of the process of rank 0", path=path)
    return Run(path, data=data)


def _changes(
    recipe: str | Path | Recipe | Mapping[str, Any], resolved: Recipe, changing: list[str]
) -> dict[str, Any]:
    """Return the values that the overrides changed; all are new if the recipe isn't valid without them."""
    if not changing:
        return {}
    try:
        _, before = resolve_recipe(recipe)
    except RecipeError:
        return dict(item.split("=", 1) for item in changing)
    return changes_between(before, resolved)


def _extended(run: Run, epochs: int, callbacks: Sequence[Callback], *, recover: bool) -> Run:
    """Change the number of epochs of a run, report what that does, and return the changed run."""
    from mien.training.extension import extend_run
    from mien.training.run_folder.lock import locked

    with locked(run.path):
        notice = extend_run(run, epochs, recover=recover)
    CallbackList(callbacks).on_notice(notice)
    return Run(run.path, data=run.data)


def _require_startable(recipe: Recipe, target: Path, data: str | Path | FaceSet | None) -> None:
    """Check what is quick to check before the faces are read, which may take long."""
    from mien.training.soft_targets.distillation import require_teachers

    require_teachers(recipe)
    require_folder(target)
    refuse_taken(target)
    require_outside(target, data)
