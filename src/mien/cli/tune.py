"""`mien tune`: search values of recipe keys, show a study, and test learning rates."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from mien.cli import candidates
from mien.cli.option_groups import DATA, OUTPUT, TRAINING, TUNING, Name
from mien.cli.printing import print_result
from mien.cli.source import Faces
from mien.cli.usage import refuse_given
from mien.console import Console

if TYPE_CHECKING:
    from mien.api.study import Study

app = App(name="tune")

DEFAULT_RECIPE = "fast"


@app.default
def tune(
    recipe: Annotated[Name | None, Parameter(completer=candidates.recipes)] = None,
    *,
    space: Annotated[Path | None, Parameter(group=TUNING)] = None,
    trials: Annotated[int | None, Parameter(group=TUNING)] = None,
    hours: Annotated[float | None, Parameter(group=TUNING)] = None,
    resume: Annotated[Path | None, Parameter(group=TUNING)] = None,
    pruning: Annotated[bool, Parameter(negative="--no-pruning", group=TUNING)] = True,
    proposal_seed: Annotated[int, Parameter(group=TUNING)] = 0,
    data: Annotated[Name | None, Parameter(group=DATA)] = None,
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    faces: Annotated[Faces | None, Parameter(group=DATA)] = None,
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
    skip_bad: Annotated[bool, Parameter(group=DATA)] = False,
    overrides: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), group=TRAINING)] = (),
    epochs: Annotated[int | None, Parameter(group=TRAINING)] = None,
    device: Annotated[str, Parameter(group=TRAINING)] = "auto",
    pretrained: Annotated[Name | None, Parameter(group=TRAINING)] = None,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"), group=OUTPUT)] = None,
    quiet: Annotated[bool, Parameter(group=OUTPUT)] = False,
) -> None:
    """Search values of recipe keys with a higher validation accuracy, and print the path of the page.

    Trials are compared on faces held out of the training split. The same command continues a study after a
    kill or Ctrl-C, and joins it from other processes and machines that share its folder.

    Args:
        recipe: A name from `mien recipes`, or the path of a YAML file; fast by default.
        space: The search space, a YAML file of recipe keys with ranges and choices, such as
            optimizer.lr: {low: 0.01, high: 0.3, log: true} or train.batch_size: [64, 128].
        trials: Number of trials of the study, by all processes, after which no new one begins.
        hours: Hours after which this process ends; its trial is continued by the next one.
        resume: Continue or join the study in this folder; needs no recipe, space and data.
        pruning: End trials early that are worse than others after the same number of epochs.
        proposal_seed: Seed of the proposed values.
        data: The data set: a CSV, archive or folder of faces, synthetic:COUNT for synthetic faces, or kaggle.
        ferplus: The FER+ votes, fer2013new.csv.
        faces: whole if each image is a face, detect to detect and crop the faces in photographs.
        classes: Names of the classes; see mien train --help.
        skip_bad: Skip rows that can't be read instead of stopping at the first.
        overrides: Change a value of the recipe for all trials, as --set train.ema_decay=0.99; repeatable.
        epochs: Short for --set train.epochs=N.
        device: Device of the training: auto, cpu, cuda, cuda:1 or mps.
        pretrained: What each trial starts from; see mien train --help.
        output: The folder of the study; studies/RECIPE by default.
        quiet: Print nothing but errors and the path of the page.
    """
    from mien.cli.image_progress import reading_bar
    from mien.cli.tuning_progress import TuningProgress

    console = Console(stderr=True, quiet=quiet)
    progress = TuningProgress(console, trials)
    with reading_bar(console), progress:
        if resume is not None:
            given = {
                f"recipe {recipe}": recipe, "--space": space, "--output": output, "--set": overrides or None,
                "--epochs": epochs, "--pretrained": pretrained, "--ferplus": ferplus, "--faces": faces,
                "--classes": classes, "--skip-bad": skip_bad or None,
                "--no-pruning": None if pruning else True,
                "--proposal-seed": proposal_seed or None,
            }  # fmt: skip
            refuse_given(
                given,
                "a study that is resumed keeps its recipe, space and data set; leave this out, or begin a "
                "new study",
            )
            from mien.api.study import Study

            study = Study(resume)
            study.resume(
                data=data, trials=trials, hours=hours, device=device, progress=progress,
                callbacks=[progress.training],
            )  # fmt: skip
        else:
            from mien.api.tuning import tune as start

            short = [] if epochs is None else [f"train.epochs={epochs}"]
            study = start(
                recipe or DEFAULT_RECIPE, data=data, space=space, out=output, trials=trials, hours=hours,
                overrides=[*overrides, *short], callbacks=[progress.training], progress=progress,
                device=device, pretrained=pretrained, ferplus=ferplus, faces=faces, classes=classes,
                skip_bad=skip_bad, seed=proposal_seed, pruning=pruning,
            )  # fmt: skip
    if not progress.has_begun:
        console.print("no trial was left to train within this budget", highlight=False, markup=False)
    _print_report(study, console)


@app.command
def show(study: Name, /, *, quiet: Annotated[bool, Parameter(group=OUTPUT)] = False) -> None:
    """Write the report on a study into its folder: best.yaml, figures, trials.csv and index.html.

    The path of the page is printed; the best recipe is printed to standard error. It may be
    called while processes work on the study.

    Args:
        study: The folder of the study.
        quiet: Print nothing but errors and the path of the page.
    """
    from mien.api.study import Study

    _print_report(Study(study), Console(stderr=True, quiet=quiet))


@app.command
def lr(
    recipe: Annotated[Name | None, Parameter(completer=candidates.recipes)] = None,
    *,
    low: Annotated[float, Parameter(group=TUNING)] = 1e-5,
    high: Annotated[float, Parameter(group=TUNING)] = 10.0,
    batches: Annotated[int, Parameter(group=TUNING)] = 200,
    data: Annotated[Name | None, Parameter(group=DATA)] = None,
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    faces: Annotated[Faces | None, Parameter(group=DATA)] = None,
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
    skip_bad: Annotated[bool, Parameter(group=DATA)] = False,
    overrides: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), group=TRAINING)] = (),
    device: Annotated[str, Parameter(group=TRAINING)] = "auto",
    pretrained: Annotated[Name | None, Parameter(group=TRAINING)] = None,
    output: Annotated[Path, Parameter(name=("--output", "-o"), group=OUTPUT)] = Path("lr_range.png"),
) -> None:
    """Test learning rates: train some batches with a growing one, print a suggestion, and draw the losses.

    Args:
        recipe: A name from `mien recipes`, or the path of a YAML file; fast by default.
        low: First learning rate.
        high: Last learning rate; the test ends earlier if the loss explodes.
        batches: Number of batches between the two.
        data: The data set, as in mien train.
        ferplus: The FER+ votes, fer2013new.csv.
        faces: whole if each image is a face, detect to detect and crop the faces in photographs.
        classes: Names of the classes; see mien train --help.
        skip_bad: Skip rows that can't be read instead of stopping at the first.
        overrides: Change a value of the recipe, such as --set optimizer.kind=adamw; repeatable.
        device: Device of the training: auto, cpu, cuda, cuda:1 or mps.
        pretrained: What the training starts from; see mien train --help.
        output: The figure, a PNG file.
    """
    from mien.api.tuning import lr_range
    from mien.cli.image_progress import reading_bar
    from mien.figures.encode import png
    from mien.figures.style import figure_of
    from mien.files.targets import require_file
    from mien.files.writing import write_bytes

    console = Console(stderr=True)
    require_file(output)
    with reading_bar(console):
        found = lr_range(
            recipe or DEFAULT_RECIPE, data=data, low=low, high=high, batches=batches, overrides=overrides,
            device=device, pretrained=pretrained, ferplus=ferplus, faces=faces, classes=classes,
            skip_bad=skip_bad,
        )  # fmt: skip
    write_bytes(output, png(figure_of(found.plot())))
    console.print(
        f"lowest loss at {found.lowest:.2g}, steepest descent at {found.steepest:.2g}; the recipe has "
        f"{found.recipe_lr:g}; figure: {output}",
        soft_wrap=True, highlight=False, markup=False,
    )  # fmt: skip
    print_result(f"{found.suggestion:g}")


def _print_report(study: "Study", console: Console) -> None:
    """Write the report, and print the best recipe's values, the commands that follow, and the page."""
    from mien.tuning.parameters import text_of

    page = study.report()
    best = study.best
    lines = [f"{study.path}: {study.summary}"]
    if best is not None:
        lines += [f"  {key}: {text_of(value)}" for key, value in best.values.items()]
        recipe, source = study.path / "best.yaml", study.info.source.path or "DATA"
        lines.append(f"next: mien train {shlex.quote(str(recipe))} --data {shlex.quote(source)}")
    console.print("\n".join(lines), soft_wrap=True, highlight=False, markup=False)
    print_result(page)
