"""`mien train`: train a recipe on a data set, and evaluate the result."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mien.cli import candidates
from mien.cli.option_groups import DATA, OUTPUT, TRAINING, Name
from mien.cli.source import Faces
from mien.cli.usage import refuse_given
from mien.console import Console
from mien.errors import RunError
from mien.labels import TEST
from mien.training.parallel.plan import is_follower

if TYPE_CHECKING:
    from mien.api.run import Run
    from mien.tracking.base import Tracker
    from mien.training.callbacks import Callback

DEFAULT_RECIPE = "fast"


def train(
    recipe: Annotated[Name | None, Parameter(completer=candidates.recipes)] = None,
    *,
    data: Annotated[Name | None, Parameter(group=DATA)] = None,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"), group=OUTPUT)] = None,
    resume: Annotated[Path | None, Parameter(group=TRAINING)] = None,
    recover: Annotated[Path | None, Parameter(group=TRAINING)] = None,
    overrides: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), group=TRAINING)] = (),
    epochs: Annotated[int | None, Parameter(group=TRAINING)] = None,
    batch_size: Annotated[int | None, Parameter(group=TRAINING)] = None,
    seed: Annotated[int | None, Parameter(group=TRAINING)] = None,
    memory: Annotated[float | None, Parameter(group=TRAINING)] = None,
    device: Annotated[str, Parameter(group=TRAINING)] = "auto",
    devices: Annotated[int | None, Parameter(group=TRAINING)] = None,
    nodes: Annotated[int | None, Parameter(group=TRAINING)] = None,
    pretrained: Annotated[Name | None, Parameter(group=TRAINING)] = None,
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    faces: Annotated[Faces | None, Parameter(group=DATA)] = None,
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
    skip_bad: Annotated[bool, Parameter(group=DATA)] = False,
    track: Annotated[
        tuple[str, ...],
        Parameter(negative=(), group=OUTPUT, completer=candidates.registered("mien.tracking:TRACKERS")),
    ] = (),
    report: Annotated[bool, Parameter(negative="--no-report", group=OUTPUT)] = True,
    quiet: Annotated[bool, Parameter(group=OUTPUT)] = False,
) -> None:
    """Train a recipe on a data set, select the best epoch on validation, and write a report.

    Args:
        recipe: A name from `mien recipes`, or the path of a YAML file; fast by default.
        data: The data set: a CSV, archive or folder of faces, synthetic:COUNT for synthetic faces, or kaggle
            to download FER2013 (needs mien[download] and a Kaggle account).
        output: The run folder to create; runs/RECIPE by default.
        resume: Continue the training in this run folder; with --epochs, to another number of epochs.
        recover: Return to the best epoch of this run, lower the learning rate, and continue.
        overrides: Change a value of the recipe, such as --set optimizer.lr=0.01; repeatable.
        epochs: Short for --set train.epochs=N.
        batch_size: Short for --set train.batch_size=N.
        seed: Short for --set train.seed=N.
        memory: Gigabytes of training faces in memory; more stay on disk. Short for --set data.memory=GB.
        device: Device of the training: auto, cpu, cuda, cuda:1 or mps.
        devices: Number of devices on this machine that train together, such as GPUs; one process each.
        nodes: Number of machines. Run the same command on each, with the environment variables MASTER_ADDR,
            MASTER_PORT and NODE_RANK, or under torchrun, which needs neither option.
        pretrained: What to start from: a run folder, a bundle (a file, or small), imagenet, or a safetensors
            file. The recipe finetune takes over the network as well.
        ferplus: The FER+ votes, fer2013new.csv.
        faces: whole if each image is a face, detect to detect and crop the faces in photographs; short
            for --set data.faces=....
        classes: Names of the classes in the order of their numbers (angry,disgust,... for 0,1,... or 1,2,...)
            or of other names, or new names by old ones (1=surprise,2=fear).
        skip_bad: Skip rows that can't be read instead of stopping at the first.
        track: Send recipe, curves, figures and files to a tracker: tensorboard, mlflow or wandb (needs
            mien[track]), maybe with a place, such as mlflow:http://127.0.0.1:5000; repeatable. A resumed run
            continues with its trackers; --track none stops that.
        report: Evaluate the best epoch and write the report.
        quiet: Print nothing but errors and the final result.
    """
    from mien.cli.image_progress import reading_bar
    from mien.cli.training_progress import ConsoleProgress

    console = Console(stderr=True, quiet=quiet or is_follower())
    trackers = _trackers(track, resume or recover)
    callbacks = [ConsoleProgress(console), *trackers]
    if resume or recover:
        given = {
            f"recipe {recipe}": recipe, "--output": output, "--set": overrides or None,
            "--batch-size": batch_size, "--seed": seed, "--memory": memory, "--pretrained": pretrained,
            "--ferplus": ferplus, "--faces": faces, "--classes": classes, "--skip-bad": skip_bad or None,
        }  # fmt: skip
        refuse_given(given, "a resumed run keeps its recipe and data set; leave this out, or start a new run")
        with reading_bar(console):
            run = _continued(resume, recover, data, epochs, device, devices, nodes, callbacks)
    else:
        from mien.api.training import train as start

        with reading_bar(console):
            run = start(
                recipe or DEFAULT_RECIPE, data=data, out=output, device=device, devices=devices, nodes=nodes,
                pretrained=pretrained,
                overrides=_changes(overrides, epochs, batch_size, seed, memory), ferplus=ferplus, faces=faces,
                classes=classes, skip_bad=skip_bad, callbacks=callbacks,
            )  # fmt: skip
    if is_follower():
        return
    if report:
        _report(run, console)
    _print_next_commands(run, console)
    for tracker in trackers:
        if tracker.view and not tracker.failed:
            console.print(f"tracked: {tracker.view}", soft_wrap=True, highlight=False, markup=False)


def _continued(
    resume: Path | None,
    recover: Path | None,
    data: str | None,
    epochs: int | None,
    device: str,
    devices: int | None,
    nodes: int | None,
    callbacks: "Sequence[Callback]",
) -> "Run":
    """Continue the training of a run."""
    if resume and recover:
        raise RunError("--resume and --recover: give one of them; --recover continues from the best epoch")
    from mien.api.training import resume as continue_run

    return continue_run(
        resume or recover or Path(), data=data, callbacks=callbacks, device=device, devices=devices,
        nodes=nodes, recover=bool(recover), epochs=epochs,
    )  # fmt: skip


def _trackers(names: Sequence[str], run: Path | None) -> "list[Tracker]":
    """Return the trackers of the training: those requested, or those of a resumed run."""
    if not names and run is None:
        return []
    from mien.tracking.opening import NONE, open_trackers, trackers_of

    if NONE in names:
        if len(names) > 1:
            raise RunError("--track none: leave out the other trackers")
        return []
    return open_trackers(names) if names or run is None else trackers_of(run)


def _changes(
    overrides: Sequence[str],
    epochs: int | None,
    batch_size: int | None,
    seed: int | None,
    memory: float | None,
) -> list[str]:
    short = {
        "train.epochs": epochs,
        "train.batch_size": batch_size,
        "train.seed": seed,
        "data.memory": memory,
    }
    return [*overrides, *(f"{key}={value}" for key, value in short.items() if value is not None)]


def _report(run: "Run", console: Console) -> None:
    """Evaluate on validation, print the table, and write the report."""
    from mien.cli.evaluation_table import print_evaluation

    tta = run.recipe.train.report_tta
    page = run.report(tta=tta)  # before anything is printed, since that may fail
    print_evaluation(run.evaluate(tta=tta), Console())
    console.print(f"report: {page}", soft_wrap=True, highlight=False, markup=False)


def _print_next_commands(run: "Run", console: Console) -> None:
    """Print the commands that usually follow: evaluate on test, export, recognize with the bundle."""
    path, bundle = shlex.quote(str(run.path)), shlex.quote(f"{run.name}.onnx")
    tta = " --tta" * run.recipe.train.report_tta
    commands = [f"mien export {path}{tta} -o {bundle}", f"mien predict photo.jpg --bundle {bundle}"]
    if run.info.counts.get(TEST):
        commands.insert(0, f"mien evaluate {path}{tta} --split test")
    console.print(
        "next: " + "\n      ".join(commands),
        soft_wrap=True, highlight=False, markup=False,
    )  # fmt: skip
