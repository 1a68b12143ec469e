"""`mien.stack`: out-of-fold predictions of several systems, and votes of people, as one prediction."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from mien.api.training_faces import refuse_arguments_of_paths
from mien.arguments import FLAG, INTEGER, NAMES, checked, items_of, optional, within
from mien.data.classes import Classes
from mien.data.folds import fold_numbers
from mien.data.sources import read_faces
from mien.errors import PredictionsError
from mien.evaluation.leaderboard.ranked import MOST_SYSTEMS
from mien.evaluation.splits import OUT_OF_FOLD
from mien.faceset import FaceSet
from mien.files.writing import as_path
from mien.labels import TRAIN, UNLABELED
from mien.limits import MAX_FOLDS
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.predictions import Predictions, predictions_for
from mien.predictions_file import read_predictions
from mien.text import counted

_log = logging.getLogger("mien")

_NAMED: Final = " + "


@named_extras()
@checked(
    PredictionsError,
    folds=within(INTEGER, 2, MAX_FOLDS),
    seed=within(INTEGER, 0, 2**31 - 1),
    classes=optional(NAMES),
    skip_bad=FLAG,
)
def stack(
    predictions: str | Path | Predictions | Iterable[str | Path | Predictions],
    data: str | Path | FaceSet,
    *,
    ferplus: str | Path | None = None,
    folds: int = 5,
    seed: int = 0,
    classes: Classes | None = None,
    skip_bad: bool = False,
) -> Predictions:
    """Combine out-of-fold predictions, and votes of FER+, into better ones (stacked generalization).

    A small network predicts the label of each face from the probabilities of the systems and from the votes.
    It is trained on the other folds. The result serves as soft targets (`distillation.predictions`). If there
    are faces of the training split, only their labels are learned: soft targets must not know those of the
    validation and test splits.

    Args:
        predictions: Out-of-fold predictions for the same faces, by one system or several: files or
            `Predictions`. A warning names a system that was trained on some of the faces.
        data: The data set of these faces.
        ferplus: The FER+ votes, fer2013new.csv, if `data` is a path; a `FaceSet` has its own.
        folds: Number of folds, 2 to 20.
        seed: Decides which faces are in which fold, and the initial weights.
        classes: Names of the classes of `data`; see `mien.read_faces`.
        skip_bad: Leave out rows that can't be read instead of raising.

    Returns:
        The predictions for the faces of the first of `predictions`, in their order.

    Raises:
        DataError: The data set or the votes can't be read.
        RunError: `data` is a `FaceSet`, and votes or classes are given as well.
        PredictionsError: A file is damaged, has no probabilities, other classes, labels or faces than the
            data set or the first file, or no label.
        MissingExtraError: PyTorch is not installed.

    Examples:
        >>> import mien
        >>> overrides = {"train.epochs": 1, "train.batch_size": 16}
        >>> first = mien.out_of_fold("demo", "synthetic:70", folds=2, out="folds", overrides=overrides)
        >>> stacked = mien.stack(first, "synthetic:70", folds=2)
        >>> len(stacked), stacked.split
        (56, 'out-of-fold')
    """
    named = _given(predictions)
    if not named:
        raise PredictionsError("no predictions; expected those of one system or more")
    faces = _faces(data, ferplus, classes, skip_bad=skip_bad)
    chosen = _positions(named, faces)
    _warn_of_training_faces(named)
    given = [each for _, each in named]
    import_torch()
    from mien.training.soft_targets.stacking import features_of, stacked_probabilities

    kept = faces.take(chosen)
    learned, numbers = _learned(kept), fold_numbers(faces, folds, seed)[chosen]
    _require_other_folds(learned, numbers, faces.source)
    probabilities = stacked_probabilities(
        features_of([_in_order(each, given[0]) for each in given], kept.votes),
        learned,
        numbers,
        len(faces.classes),
        seed=seed,
    )
    names = [each.system or "predictions" for each in given] + (["FER+"] if kept.votes is not None else [])
    found = predictions_for(
        kept,
        probabilities,
        split=OUT_OF_FOLD,
        system=_NAMED.join(names),
        in_training=np.zeros(len(kept), bool),
    )
    return replace(found, images=None)


def _given(
    predictions: str | Path | Predictions | Iterable[str | Path | Predictions],
) -> list[tuple[str, Predictions]]:
    """Return each of the predictions with its name for errors."""
    if isinstance(predictions, str | Path | Predictions):
        return [_read(predictions)]
    return [_read(item) for item in items_of(predictions, "predictions", MOST_SYSTEMS, PredictionsError)]


def _read(item: str | Path | Predictions) -> tuple[str, Predictions]:
    if isinstance(item, Predictions):
        return item.system or "predictions", item
    return str(item), read_predictions(as_path(item, "predictions", PredictionsError))


def _faces(
    data: str | Path | FaceSet, ferplus: str | Path | None, classes: Classes | None, *, skip_bad: bool
) -> FaceSet:
    if isinstance(data, FaceSet):
        refuse_arguments_of_paths(classes, ferplus)
        return data
    return read_faces(data, ferplus=ferplus, classes=classes, skip_bad=skip_bad)


def _positions(given: Sequence[tuple[str, Predictions]], faces: FaceSet) -> np.ndarray:
    """Return the position in `faces` of each face of the first predictions, after checking all of them."""
    position = {name: at for at, name in enumerate(faces.ids.tolist())}
    first_name, first = given[0]
    ids = set(first.ids.tolist())
    for name, each in given:
        each.require_probabilities("stacking", name)
        if each.classes != faces.classes:
            raise PredictionsError(
                f"{name}: classes {', '.join(each.classes)}, but {faces.source} has "
                f"{', '.join(faces.classes)}; expected the same"
            )
        if len(set(each.ids.tolist())) < len(each):
            raise PredictionsError(f"{name}: an id occurs twice among its {counted(len(each), 'prediction')}")
        if set(each.ids.tolist()) != ids:
            raise PredictionsError(
                f"{name}: other faces than those of {first_name}; expected predictions of the same faces"
            )
    missing = [name for name in first.ids.tolist() if name not in position]
    if missing:
        raise PredictionsError(
            f"{first_name}: {len(missing):,} of {counted(len(first), 'face')} missing in {faces.source} "
            f"(the first is {missing[0]}); expected predictions of that data set"
        )
    for name, each in given:
        _require_labels(name, each, faces, np.array([position[one] for one in each.ids.tolist()], np.int64))
    chosen = np.array([position[name] for name in first.ids.tolist()], np.int64)
    if not (faces.labels[chosen] >= 0).any():
        raise PredictionsError(f"{faces.source}: no labels among these faces; expected some to learn from")
    return chosen


def _warn_of_training_faces(given: Sequence[tuple[str, Predictions]]) -> None:
    for name, each in given:
        trained = 0 if each.in_training is None else int(each.in_training.sum())
        if trained:
            _log.warning(
                "%s was trained on %s of %s faces: its predictions of them are too confident, and so is the "
                "stack; expected predictions out of fold",
                name, f"{trained:,}", f"{len(each):,}",
            )  # fmt: skip


def _require_labels(name: str, each: Predictions, faces: FaceSet, chosen: np.ndarray) -> None:
    """Refuse predictions of another data set, whose ids may be the same: numbers of rows."""
    labels = faces.labels[chosen]
    differs = (each.labels >= 0) & (labels >= 0) & (each.labels != labels)
    if differs.any():
        at = int(differs.argmax())
        raise PredictionsError(
            f"{name}: another label in {faces.source} for {int(differs.sum()):,} of "
            f"{counted(len(each), 'face')} (the first is {each.ids[at]}: {faces.classes[each.labels[at]]}, "
            f"there {faces.classes[labels[at]]}); expected predictions of that data set"
        )


def _learned(kept: FaceSet) -> np.ndarray:
    """Return the labels to learn from, -1 for the others."""
    train = kept.in_split(TRAIN)
    return np.where(train, kept.labels, UNLABELED) if (kept.labels[train] >= 0).any() else kept.labels


def _require_other_folds(labels: np.ndarray, numbers: np.ndarray, source: str) -> None:
    """Require labeled faces outside of each fold, to train on: two, since features are standardized."""
    labeled = numbers[labels >= 0]
    if any((labeled != fold).sum() < 2 for fold in np.unique(numbers)):
        raise PredictionsError(
            f"{source}: {counted(len(labeled), 'labeled face')} among the predictions, too few to divide "
            "into folds"
        )


def _in_order(each: Predictions, first: Predictions) -> np.ndarray:
    row = {name: at for at, name in enumerate(each.ids.tolist())}
    return each.probabilities[[row[name] for name in first.ids.tolist()]]
