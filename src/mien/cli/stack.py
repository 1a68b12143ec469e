"""`mien stack`: combine out-of-fold predictions and votes of people into soft targets."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mien.cli.messages import say
from mien.cli.option_groups import DATA, OUTPUT, TRAINING, Name
from mien.cli.overwriting import refuse_overwriting
from mien.errors import MienError
from mien.files.identify import PREDICTIONS, require_own
from mien.files.targets import is_same_file, require_file
from mien.text import counted


def stack(
    *predictions: Name,
    data: Annotated[Name, Parameter(group=DATA)],
    output: Annotated[Path, Parameter(name=("--output", "-o"), group=OUTPUT)],
    ferplus: Annotated[Path | None, Parameter(group=DATA)] = None,
    folds: Annotated[int, Parameter(group=TRAINING)] = 5,
    seed: Annotated[int, Parameter(group=TRAINING)] = 0,
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
    skip_bad: Annotated[bool, Parameter(group=DATA)] = False,
) -> None:
    """Combine out-of-fold predictions, and votes of FER+, into better ones (stacked generalization).

    A small network predicts the label of each face from the predictions of all files and from the votes. It
    is trained on the other folds. Train on the result with --set distillation.predictions=FILE.

    Args:
        predictions: Files of predictions for the same faces, such as out-of-fold/train.npz of
            mien.out_of_fold or of mien audit --folds.
        data: The data set of these faces.
        output: The .npz file to write; only a file of predictions is replaced, and no input.
        ferplus: fer2013new.csv, the votes of FER+.
        folds: Number of folds, 2 to 20.
        seed: Decides which faces are in which fold, and the initial weights.
        classes: Names of the classes of the data set; see mien train.
        skip_bad: Skip rows that can't be read instead of stopping at the first.
    """
    from mien.api.stacking import stack as stacked
    from mien.data.classes import parse_classes
    from mien.predictions_file import write_predictions

    inputs = [Path(word) for word in (*predictions, data, ferplus) if word is not None]
    _require_target(output, inputs)
    found = stacked(
        predictions, data, ferplus=ferplus, folds=folds, seed=seed, skip_bad=skip_bad,
        classes=None if classes is None else parse_classes(classes),
    )  # fmt: skip
    write_predictions(output, found)
    say(f"{output}: {counted(len(found), 'face')}")


def _require_target(output: Path, inputs: list[Path]) -> None:
    """Refuse, before any work, an output that would replace an input or another file."""
    require_file(output)
    require_own(output, PREDICTIONS, "choose another file")
    refuse_overwriting([output], lambda path: any(is_same_file(path, one) for one in inputs))
    if output.suffix.lower() != ".npz":
        raise MienError(f"{output}: unknown ending, expected .npz", path=output)
