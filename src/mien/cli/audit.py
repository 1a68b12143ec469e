"""`mien audit`: find duplicates, bad images and label errors in a data set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from mien.cli import candidates
from mien.cli.app import with_options
from mien.cli.option_groups import DATA, OUTPUT, TRAINING, Name
from mien.cli.printing import print_json, print_result
from mien.cli.source import DEFAULTS, SourceOptions
from mien.cli.streams import require_output
from mien.cli.tables import message_console
from mien.console import Console

if TYPE_CHECKING:
    from mien.auditing.audit import Audit


def audit(
    source: Name,
    /,
    *,
    output: Annotated[Path, Parameter(name=("--output", "--out", "-o"), group=OUTPUT)] = Path("audit"),
    folds: Annotated[int | None, Parameter(group=TRAINING)] = None,
    predictions: Annotated[Name | None, Parameter(group=DATA)] = None,
    recipe: Annotated[Name, Parameter(completer=candidates.recipes, group=TRAINING)] = "fast",
    overrides: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), group=TRAINING)] = (),
    epochs: Annotated[int | None, Parameter(group=TRAINING)] = None,
    device: Annotated[str, Parameter(group=TRAINING)] = "auto",
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    reading: SourceOptions = DEFAULTS,
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
) -> None:
    """Find duplicates, images that are no faces or too bad, and label errors; print the path of the page.

    Writes index.html and audit.csv (row, label, suggestion, reason, score). Label errors need --folds, which
    trains networks that were not trained on the faces that they judge, or their --predictions. The same
    command continues after an interruption.

    Args:
        source: A data set, as for `mien explore`.
        output: Folder of the page, audit.csv, and the runs of --folds.
        folds: Train the recipe so many times, each time without a part of the faces.
        predictions: Out-of-fold predictions: an .npz of an earlier --folds or of mien.out_of_fold, or a CSV
            with a column of probabilities for each class. Or a network that was trained on other
            faces: small, large, an .onnx file or a run folder.
        recipe: The recipe of --folds.
        overrides: Change a value of that recipe, such as --set optimizer.lr=0.01; repeatable.
        epochs: Short for --set train.epochs=N.
        device: Device of the trainings: auto, cpu, cuda, cuda:1 or mps.
        ferplus: fer2013new.csv, whose votes the label errors are compared with.
        reading: How the data set is read.
        as_json: Print the number of faces by reason as JSON instead of the table and the path.
    """
    from mien.api.audit import audit as run_audit
    from mien.auditing.audit import PAGE
    from mien.cli.image_progress import reading_bar
    from mien.cli.training_progress import ConsoleProgress

    if as_json:
        require_output()
    console = message_console()
    changes = [*overrides, *([] if epochs is None else [f"train.epochs={epochs}"])]
    with reading_bar(console) as bar:

        def step(name: str) -> None:
            console.print(Text(f"mien: audit: {name}"))
            bar.title = name

        found = run_audit(
            source, out=output, folds=folds, predictions=predictions, recipe=recipe, overrides=changes,
            callbacks=[ConsoleProgress(console)], device=device, ferplus=ferplus,
            **reading.arguments(),
            step=step,
        )  # fmt: skip
    for note in found.notes:
        console.print(f"mien: {with_options(note)}")
    if as_json:
        print_json({"faces": len(found.faces), "doubtful": len(found.doubtful), "reasons": found.counts})
        return
    _print_counts(found, console)
    print_result(output / PAGE)


def _print_counts(found: "Audit", console: Console) -> None:
    for reason, count in found.counts.items():
        console.print(f"{count:>8,}  {reason}")
    share = len(found.doubtful) / len(found.faces)
    console.print(f"{len(found.doubtful):>8,}  faces to exclude or relabel in all ({share:.1%})")
