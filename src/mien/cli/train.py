"""`mien train`: from a recipe and a source to a run folder with a report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from mien.errors import RunError

if TYPE_CHECKING:
    from mien.config import Recipe
    from mien.faceset import FaceSet
    from mien.training.run import Source
    from mien.training.setup import Training

DEFAULT_RECIPE = "fast"
RUNS = Path("runs")


def train(
    recipe: str | None = None,
    *,
    data: str | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    recover: Path | None = None,
    overrides: Annotated[tuple[str, ...], Parameter(name="--set", negative=())] = (),
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    devices: str = "auto",
    pretrained: Path | None = None,
    ferplus: Path | None = None,
    skip_bad: bool = False,
    report: Annotated[bool, Parameter(negative="--no-report")] = True,
    quiet: bool = False,
) -> None:
    """Train a recipe on a source of faces, choose its best epoch on validation, and report.

    Args:
        recipe: A name from `mien recipes`, or the path of a recipe's YAML file; fast unless given.
        data: The source: a CSV, archive or folder of faces, or synthetic:COUNT for synthetic faces.
        out: The run folder to make; runs/RECIPE unless given.
        resume: Go on with the training in this run folder, wherever it was stopped.
        recover: Go back to the best epoch of this run, lower the rate, and go on.
        overrides: Change a value of the recipe, such as --set optimizer.lr=0.01; repeatable.
        epochs: Short for --set train.epochs=N.
        batch_size: Short for --set train.batch_size=N.
        seed: Short for --set train.seed=N.
        devices: Where to compute: auto, cpu, cuda, cuda:1 or mps.
        pretrained: Weights to start from, a safetensors file (networks of kind resnetv2).
        ferplus: The votes of FER+, fer2013new.csv.
        skip_bad: Leave bad rows of the source out instead of refusing it.
        report: Evaluate the best epoch and write the report.
        quiet: Print nothing but errors and the final result.
    """
    from mien.cli.training_progress import ConsoleProgress
    from mien.training.run import RunFolder
    from mien.training.runner import train_run
    from mien.training.setup import known_training, new_training

    console = Console(stderr=True, quiet=quiet)
    callbacks = [ConsoleProgress(console)]
    if resume or recover:
        _refuse_new_choices({
            f"recipe {recipe}": recipe, "--out": out, "--set": overrides or None, "--epochs": epochs,
            "--batch-size": batch_size, "--seed": seed, "--pretrained": pretrained, "--ferplus": ferplus,
            "--skip-bad": skip_bad or None,
        })  # fmt: skip
        training = known_training(RunFolder(_begun(resume, recover)), callbacks, data=data, device=devices)
    else:
        name = DEFAULT_RECIPE if recipe is None else recipe
        chosen = _chosen(name, _changes(overrides, epochs, batch_size, seed), out)
        read = _read(data, chosen[2], ferplus, console, skip_bad=skip_bad)
        training = new_training(*chosen, *read, callbacks, device=devices, pretrained=pretrained)
    train_run(training, recover=bool(recover))
    if report:
        _report(training, console)


def _begun(resume: Path | None, recover: Path | None) -> Path:
    """The run to go on with."""
    if resume and recover:
        raise RunError("--resume and --recover: give one of them; --recover goes on from the best epoch")
    return resume or recover or Path()


def _refuse_new_choices(given: Mapping[str, object]) -> None:
    """Refuse what a run has for good, each by the word that a user wrote."""
    words = [word for word, value in given.items() if value is not None]
    if words:
        raise RunError(
            f"{', '.join(words)}: a run that goes on keeps its own recipe and faces; "
            "leave this out, or start a new run"
        )


def _changes(
    overrides: Sequence[str], epochs: int | None, batch_size: int | None, seed: int | None
) -> list[str]:
    short = {"train.epochs": epochs, "train.batch_size": batch_size, "train.seed": seed}
    return [*overrides, *(f"{key}={value}" for key, value in short.items() if value is not None)]


def _chosen(name: str, changes: Sequence[str], out: Path | None) -> "tuple[Path, str, Recipe]":
    """The folder, the recipe's name and the recipe, checked before faces are read, which takes longer."""
    from mien.config import read_recipe
    from mien.training.distillation import require_teachers
    from mien.training.run import free_folder, refuse_taken

    stem = Path(name).stem
    recipe = read_recipe(name, changes)
    require_teachers(recipe)
    path = out or free_folder(RUNS, stem)
    refuse_taken(path)
    return path, stem, recipe


def _read(
    data: str | None, recipe: "Recipe", ferplus: Path | None, console: Console, *, skip_bad: bool
) -> "tuple[Source, FaceSet]":
    from mien.cli.source import read_and_remark
    from mien.training.run import describe_source

    if data is None:
        raise RunError(
            "a training needs --data: a CSV, archive or folder of faces, or synthetic for synthetic faces"
        )
    shape = {"size": recipe.data.size, "channels": recipe.data.channels}
    faces = read_and_remark(data, ferplus, skip_bad=skip_bad, console=console, **shape).faces
    return describe_source(data, ferplus, faces, skip_bad=skip_bad), faces


def _report(training: "Training", console: Console) -> None:
    from mien.cli.evaluation_table import print_evaluation
    from mien.evaluation.runs import report_run

    run = training.run
    report = report_run(run, training.faces, "validation", tta=run.recipe.train.report_tta)
    print_evaluation(report.evaluation, Console())
    console.print(f"report: {report.page}", soft_wrap=True, highlight=False, markup=False)
