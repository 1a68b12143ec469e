"""A CSV of class probabilities, by which any system can be evaluated.

It has a column for each class, named in any case or known spelling, in any order, with fractions or
percentages; optionally the true class as `label`, and an `id` that matches a row to its face: the number of
its row in the source's CSV, or its path in a folder. Without ids, rows are in the order of the faces.

A result of `mien predict` is recognized: its `label` is the prediction, and its `source` names the face.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.evaluation.probability_csv.columns import Columns, columns_of, is_result
from mien.evaluation.probability_csv.ids import ABSENT, Rows, rows_by_id, rows_by_order
from mien.evaluation.probability_csv.probabilities import Probabilities, probabilities_of
from mien.evaluation.probability_csv.table import Table, read_table
from mien.faceset import FaceSet
from mien.labels import UNLABELED, emotion_of
from mien.predictions import Predictions, predictions_for
from mien.text import counted

UNNAMED = "unnamed"
"""The split of predictions that do not name one."""


@dataclass(frozen=True)
class CsvReading:
    """A CSV of probabilities as it was read.

    Attributes:
        predictions: For the faces that have a row.
        missing: Ids of the faces without a row, or whose row is empty.
        notes: How ids and cells were read, one sentence each.
    """

    predictions: Predictions
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_probability_csv(
    path: Path,
    faces: FaceSet | None = None,
    *,
    split: str = UNNAMED,
    in_training: NDArray[np.bool_] | None = None,
) -> Predictions:
    """Read the probabilities of any system, which must have a row for each face.

    Args:
        path: The CSV; its name without the ending becomes the name of the system.
        faces: The faces of the split, with labels and images; without them the file needs a
            `label` column: a class name, or its number among the classes.
        split: Name of the split.
        in_training: (n,), which of `faces` are pixel-identical to training faces.

    Raises:
        PredictionsError: A column is missing, a cell is not a number, a row is not a distribution, or
            the rows do not match `faces`. The message names the row.
    """
    reading = read_csv(path, faces, split=split, in_training=in_training)
    if reading.missing:
        raise PredictionsError(
            f"{path}: no row for {counted(len(reading.missing), 'face')}, the first: id "
            f"{reading.missing[0]!r}"
        )
    return reading.predictions


def read_csv(
    path: Path,
    faces: FaceSet | None = None,
    *,
    split: str = UNNAMED,
    in_training: NDArray[np.bool_] | None = None,
) -> CsvReading:
    """Read the probabilities of any system; faces may lack a row.

    Args and errors are those of `read_probability_csv`.
    """
    table = read_table(path)
    if faces is None and is_result(table):
        raise PredictionsError(
            f"{path}: a result of mien predict has no true classes, its label is the prediction; pass "
            "data=... and split=... with the source of the faces"
        )
    columns = columns_of(table, faces.classes if faces else None)
    found = probabilities_of(table, columns)
    labels = None if is_result(table) else _labels(table, columns)
    if faces is None:
        return _without_faces(table, columns, found, labels, split)
    rows = _rows_of(table, columns, faces)
    present = (rows.of_face != ABSENT) & ~found.empty[rows.of_face]
    order = rows.of_face[present]
    missing = tuple(faces.ids[~present].tolist())
    if not present.any():
        raise PredictionsError(f"{path}: no face has a prediction; all its rows are empty")
    kept = faces if present.all() else faces.take(np.flatnonzero(present))
    if labels is not None:
        kept = _with_labels(table, kept, labels[order], order, has_ids=columns.id is not None)
    duplicates = None if in_training is None else in_training[present]
    predictions = replace(
        predictions_for(kept, found.values[order], split=split, system=path.stem, in_training=duplicates),
        only_classes=found.only_classes,
    )
    return CsvReading(predictions, missing, (*rows.notes, *found.notes, *_note_of(missing, len(faces))))


def _note_of(missing: tuple[str, ...], faces: int) -> tuple[str, ...]:
    if not missing:
        return ()
    return (
        f"It has no prediction for {len(missing):,} of {counted(faces, 'face')}, the first: id {missing[0]}.",
    )


def _without_faces(
    table: Table,
    columns: Columns,
    found: Probabilities,
    labels: NDArray[np.int64] | None,
    split: str,
) -> CsvReading:
    path = table.path
    if labels is None:
        raise PredictionsError(
            f"{path}: no column 'label' with the true classes; add one, or pass data=... and "
            "split=... with the source of the faces"
        )
    numbers = [str(row + 1) for row in range(len(labels))]
    ids = np.array(table.column(columns.id) if columns.id else numbers, np.str_)
    kept = np.flatnonzero(~found.empty)
    predictions = Predictions(
        found.values[kept], labels[kept], ids[kept], tuple(columns.classes), split, source=str(path),
        system=path.stem,
    )  # fmt: skip
    missing = tuple(ids[found.empty].tolist())
    return CsvReading(predictions, missing, (*found.notes, *_note_of(missing, len(ids))))


def _rows_of(table: Table, columns: Columns, faces: FaceSet) -> Rows:
    """The row of each face: by id where there are ids, otherwise by order."""
    wanted = faces.ids.tolist()
    if is_result(table):
        return rows_by_id(table, table.column("source"), wanted, others=True)
    if columns.id is not None:
        return rows_by_id(table, table.column(columns.id), wanted)
    if columns.index is not None:
        try:
            return rows_by_id(table, table.column(columns.index), wanted)
        except PredictionsError:
            pass  # an index that is unrelated to the faces
    return rows_by_order(table, len(faces))


def _labels(table: Table, columns: Columns) -> NDArray[np.int64] | None:
    """The true class of each row, given by name, known spelling, or number; None if the file has none."""
    if columns.label is None:
        return None
    classes = tuple(columns.classes)
    number_of = {str(number): number for number in range(len(classes))}
    number_of |= {name.lower(): number for number, name in enumerate(classes)}
    labels = np.empty(len(table.rows), np.int64)
    for row, text in enumerate(table.column(columns.label)):
        number = number_of.get(text.lower(), number_of.get(emotion_of(text) or ""))
        if number is None:
            raise PredictionsError(
                f"{table.where(row)}: {columns.label} {text!r}, expected one of {', '.join(classes)}, "
                f"or a number from 0 to {len(classes) - 1}"
            )
        labels[row] = number
    return labels


def _with_labels(
    table: Table, faces: FaceSet, labels: NDArray[np.int64], order: NDArray[np.int64], *, has_ids: bool
) -> FaceSet:
    """The faces with the labels of the file, which may complete but not contradict those of the faces.

    Different labels mean that the rows are in another order, and every metric would be wrong.
    """
    differing = np.flatnonzero((labels != faces.labels) & (faces.labels != UNLABELED))
    if len(differing):
        at = int(differing[0])
        remedy = (
            "if the column has predicted classes, call it prediction, else these ids are of other faces"
            if has_ids
            else "so these rows are not these faces in this order; add a column 'id'"
        )
        raise PredictionsError(
            f"{table.where(int(order[at]))}: label {faces.classes[labels[at]]!r}, but face {faces.ids[at]} "
            f"of the source is {faces.classes[faces.labels[at]]!r}; {len(differing)} of "
            f"{counted(len(faces), 'label')} "
            f"differ; {remedy}"
        )
    return replace(faces, labels=labels)
