"""Predictions of several systems brought together: the same faces in the same order, the same classes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.evaluation.scoring import require_labels
from mien.predictions import Predictions
from mien.text import counted

Index = NDArray[np.int64]


def aligned(systems: Sequence[Predictions]) -> list[Predictions]:
    """Return the predictions of each system for the faces that all have, in the order of the largest one.

    Faces are matched by id if ids are unique and shared, otherwise by order.

    Raises:
        PredictionsError: Classes or labels differ, or no face is common.
    """
    for one in systems:
        require_labels(one)
    reference = max(systems, key=len)
    ordered = [_with_classes_of(one, reference) for one in systems]
    rows = [_rows_of(reference, one) for one in ordered]
    common = np.flatnonzero(np.all([row >= 0 for row in rows], axis=0))
    if not len(common):
        names = ", ".join(one.system for one in systems)
        raise PredictionsError(f"{names}: no face has a prediction of every system; check their ids")
    found = [one.take(row[common]) for one, row in zip(ordered, rows, strict=True)]
    kept = reference.take(common)
    for one in found:
        _require_same_labels(one, kept)
    return found


def _rows_of(reference: Predictions, other: Predictions) -> Index:
    """The row in `other` of each face of `reference`, (n,); -1 for faces that it lacks."""
    if other is reference or np.array_equal(reference.ids, other.ids):
        return np.arange(len(reference))
    if _unique(reference.ids) and _unique(other.ids):
        row_of = {name: row for row, name in enumerate(other.ids.tolist())}
        rows = np.array([row_of.get(name, -1) for name in reference.ids.tolist()], np.int64)
        # A few equal ids, such as row numbers beside names of files, are chance.
        if 2 * int((rows >= 0).sum()) >= len(other):
            return rows
    if len(other) == len(reference):
        return np.arange(len(reference))
    raise PredictionsError(
        f"{reference.system} has {counted(len(reference), 'face')} and {other.system} has {len(other)} "
        f"with other ids (such as {reference.ids[0]} and {other.ids[0]}); a comparison needs both on the "
        "same faces"
    )


def _unique(ids: NDArray[np.str_]) -> bool:
    return len(np.unique(ids)) == len(ids)


def _with_classes_of(one: Predictions, reference: Predictions) -> Predictions:
    """The predictions with the classes in the order of `reference`."""
    if one.classes == reference.classes:
        return one
    if set(one.classes) != set(reference.classes):
        raise PredictionsError(
            f"{one.system} has the classes {', '.join(one.classes)}, {reference.system} has "
            f"{', '.join(reference.classes)}; a comparison needs the same classes"
        )
    columns = [one.classes.index(name) for name in reference.classes]
    place = np.argsort(columns)
    return replace(
        one,
        classes=reference.classes,
        probabilities=np.ascontiguousarray(one.probabilities[:, columns]),
        labels=place[one.labels].astype(np.int64),
    )


def _require_same_labels(one: Predictions, reference: Predictions) -> None:
    differing = np.flatnonzero(one.labels != reference.labels)
    if len(differing):
        first = reference.ids[differing[0]]
        raise PredictionsError(
            f"{reference.system} and {one.system} have different labels for {len(differing):,} of "
            f"{counted(len(one), 'face')} (the first: {first}); a comparison needs both on the same faces"
        )
