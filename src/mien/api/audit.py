"""`mien.audit`: find duplicates, bad images and label errors in a data set."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mien.api.data import remarks
from mien.api.folds import out_of_fold
from mien.arguments import FLAG, FUNCTION, INTEGER, NAMES, PATH, TEXT, TEXTS, checked, optional
from mien.auditing.audit import PAGE, Audit, audit_faces
from mien.config.recipe import Recipe
from mien.data import read_source
from mien.data.classes import Classes
from mien.errors import DataError, MienError
from mien.evaluation.probability_csv.reading import read_probability_csv
from mien.evaluation.request import Request
from mien.evaluation.splits import ALL
from mien.evaluation.systems import System, open_system, predictions_of
from mien.faceset import FaceSet
from mien.files.identify import AUDIT, require_own
from mien.files.targets import is_inside, require_folder
from mien.files.writing import as_path
from mien.predictions import Predictions
from mien.training.callbacks import Callback

RUNS: Final = "folds"
"""Folder of the runs of out-of-fold training, in that of the audit."""


@checked(
    DataError,
    out=optional(PATH),
    folds=optional(INTEGER),
    overrides=TEXTS,
    device=TEXT,
    size=INTEGER,
    channels=INTEGER,
    faces=TEXT,
    classes=optional(NAMES),
    skip_bad=FLAG,
    step=FUNCTION,
)
def audit(
    source: str | Path | FaceSet,
    *,
    out: str | Path | None = None,
    folds: int | None = None,
    predictions: System | None = None,
    recipe: str | Path | Recipe | Mapping[str, Any] = "fast",
    overrides: Mapping[str, Any] | Iterable[str] = (),
    callbacks: Sequence[Callback] = (),
    device: str = "auto",
    ferplus: str | Path | None = None,
    size: int = 48,
    channels: int = 1,
    faces: str = "whole",
    classes: Classes | None = None,
    skip_bad: bool = False,
    step: Callable[[str], object] = str,
) -> Audit:
    """Audit a data set: duplicates, images that are no faces or too bad, and label errors.

    Label errors need predictions by networks that were not trained on the faces: `folds` trains them, or
    `predictions` has them. The result is a value; with `out`, a page and a CSV are written. A recipe takes
    the CSV as `data.exclude` and `data.relabel`.

    Args:
        source: A data set, as in `mien.read_faces`, or a `FaceSet`.
        out: Folder of the page (index.html), audit.csv, and the runs of the folds; None writes nothing.
        folds: Train a recipe out of fold, see `mien.out_of_fold`; needs `out`. Repeated, it continues.
        predictions: Out-of-fold predictions: `train.npz` or `all.npz` of `mien.out_of_fold`, or a CSV with a
            column of probabilities for each class. Or a network that was trained on other faces: the name
            of a shipped bundle, an .onnx file or a run.
        recipe: The recipe of the folds.
        overrides: Values of the recipe to change, as in `mien.train`.
        callbacks: Run at their points of each training.
        device: Device of the trainings, and of a run that predicts.
        ferplus: The FER+ votes, with which label errors are compared.
        size: As in `mien.read_faces`.
        channels: As in `mien.read_faces`.
        faces: As in `mien.read_faces`.
        classes: As in `mien.read_faces`.
        skip_bad: As in `mien.read_faces`.
        step: Called with what is done next.

    Raises:
        DataError: The data set can't be read, or `folds` and `predictions` are both given.
        PredictionsError: The predictions can't be read, or don't fit the data set.
        MissingExtraError: The page needs mien[report], the folds need mien[train].

    Examples:
        >>> import mien
        >>> found = mien.audit("synthetic:70")
        >>> found.labels is None
        True
    """
    folder = None if out is None else as_path(out, "out", DataError)
    _require_arguments(source, folder, folds, predictions)
    if isinstance(source, FaceSet):
        read, notes = source, []
    else:
        step("reading")
        reading = read_source(
            source, ferplus=ferplus, size=size, channels=channels, faces=faces, classes=classes,
            skip_bad=skip_bad,
        )  # fmt: skip
        read, notes = reading.faces, remarks(reading)
    given = None
    if predictions is not None:
        given, remark = _predictions(predictions, read, device)
        notes += remark
    if folds is not None and folder is not None:
        given = out_of_fold(
            recipe, read, folds=folds, out=folder / RUNS, split="all", overrides=overrides,
            callbacks=callbacks, device=device,
        )  # fmt: skip
    found = audit_faces(read, given, step)
    found = replace(found, notes=(*notes, *found.notes))
    if folder is not None:
        found.write(folder)
    return found


def _require_arguments(source: object, folder: Path | None, folds: int | None, predictions: object) -> None:
    if folds is not None and predictions is not None:
        raise DataError("folds and predictions: pass one of them; predictions=... are from earlier folds")
    if folds is not None and folder is None:
        raise DataError("folds need a folder for their runs: pass out=...")
    if folder is None:
        return
    if isinstance(source, str | Path) and is_inside(folder, Path(source)):
        raise MienError(f"{folder}: this is the data set, or a folder in it; pass out=... for another folder")
    require_folder(folder)
    require_own(folder / PAGE, AUDIT, "choose another folder")


def _predictions(given: System, faces: FaceSet, device: str) -> tuple[Predictions, list[str]]:
    """Return predictions for faces of all splits, given ones or by a run or a bundle, and notes on them."""
    opened = open_system(given)
    if isinstance(opened, Predictions):
        return opened, []
    if isinstance(opened, Path):
        return read_probability_csv(opened, faces), []
    found = predictions_of(opened, Request(ALL, faces, device=device)).predictions
    if found.in_training is not None:
        return replace(found, images=None), []
    remark = (
        f"whether {found.system} was trained on some of these faces, such as a part of its "
        "data set, is unknown; errors that it has learned are not found"
    )
    return replace(found, images=None), [remark]
