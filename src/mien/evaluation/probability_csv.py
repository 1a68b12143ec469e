"""A CSV of class probabilities, by which any system can be evaluated.

It has a column for each class, named in any case or known spelling; optionally the true class as `label`,
and an `id` (or `row`) that matches a row to its face: the number of its row in the source's CSV, counted
from 1, or its path in a folder. Without ids, rows are in the order of the faces.

A result of `mien predict` is recognized: its `label` is the prediction, and its `source` names the face.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.evaluation.csv_table import Table, read_table
from mien.evaluation.predictions import Predictions, predictions_for
from mien.evaluation.result_csv import ids_of_result, is_result
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, UNLABELED, emotion_of

LABEL_COLUMNS = ("label", "emotion")
ID_COLUMNS = ("id", "row")
UNNAMED = "unnamed"
"""The split of predictions that do not name one."""

EXPECTED = "expected a number from 0 to 1"

ROUNDING = 0.02
"""Allowed deviation of the sum of a row from 1; it is scaled to 1."""

MOST_ROUNDING = 0.1
"""Most that is allowed for many classes whose probabilities have few digits."""


def read_probability_csv(
    path: Path,
    faces: FaceSet | None = None,
    *,
    split: str = UNNAMED,
    in_training: NDArray[np.bool_] | None = None,
) -> Predictions:
    """Read the probabilities of any system.

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
    table = read_table(path)
    if faces is None and is_result(table):
        raise PredictionsError(
            f"{path}: a result of mien predict has no true classes, its label is the prediction; pass "
            "data=... and split=... with the source of the faces"
        )
    columns = _class_columns(table, faces.classes if faces else None)
    classes = tuple(columns)
    probabilities = _probabilities(table, list(columns.values()))
    labels, ids = _labels(table, classes), _ids(table, faces)
    if faces is not None:
        order = _rows_of(table, faces, ids)
        if labels is not None:
            faces = _with_labels(table, faces, labels[order], order)
        return predictions_for(
            faces, probabilities[order], split=split, system=path.stem, in_training=in_training
        )
    if labels is None:
        raise PredictionsError(
            f"{path}: no column 'label' with the true classes; add one, or pass data=... and "
            "split=... with the source of the faces"
        )
    numbers = np.array([str(row + 1) for row in range(len(labels))], np.str_)
    return Predictions(
        probabilities,
        labels,
        numbers if ids is None else ids,
        classes,
        split,
        source=str(path),
        system=path.stem,
    )


def _class_columns(table: Table, classes: Sequence[str] | None) -> dict[str, str]:
    """The column of each class, in class order."""
    by_emotion = {emotion_of(name): name for name in table.header if emotion_of(name)}
    if classes is None:
        classes = EMOTIONS if by_emotion else _other_columns(table)
    by_name = {name.lower(): name for name in classes}
    found = {by_name[name]: name for name in table.header if name in by_name}
    found |= {
        str(emotion): name
        for emotion, name in by_emotion.items()
        if emotion in classes and emotion not in found
    }
    missing = [name for name in classes if name not in found]
    if missing:
        raise PredictionsError(
            f"{table.path}: no column for {', '.join(missing)}; its columns are "
            f"{', '.join(table.header) or 'none'}, expected one for each of {', '.join(classes)}"
        )
    return {name: found[name] for name in classes}


def _other_columns(table: Table) -> tuple[str, ...]:
    names = tuple(name for name in table.header if name and name not in (*LABEL_COLUMNS, *ID_COLUMNS))
    if len(names) < 2:
        raise PredictionsError(
            f"{table.path}: its columns are {', '.join(table.header)}; expected one for each class, "
            "such as " + ", ".join(EMOTIONS)
        )
    return names


def _probabilities(table: Table, names: Sequence[str]) -> NDArray[np.float32]:
    """The cells of the class columns, (n, classes), each row scaled to sum 1."""
    columns = [table.header.index(name) for name in names]
    values = np.empty((len(table.rows), len(columns)))
    for row, cells in enumerate(table.rows):
        for position, column in enumerate(columns):
            try:
                values[row, position] = float(cells[column])
            except ValueError:
                raise PredictionsError(
                    f"{table.where(row)}: {cells[column][:24]!r} under {names[position]!r}, {EXPECTED}"
                ) from None
    _require_distributions(table, values, names, _tolerance(table, columns))
    scaled: NDArray[np.float32] = (values / values.sum(axis=1, keepdims=True)).astype(np.float32)
    return scaled


def _tolerance(table: Table, columns: Sequence[int]) -> float:
    """The allowed deviation of a sum from 1: each rounded cell may miss half a unit of its last digit."""
    cells = (cells[column].strip() for cells in table.rows for column in columns)
    digits = max((_digits(cell) for cell in cells), default=2)
    rounding = len(columns) * 0.5 * 10.0**-digits if digits > 1 else 0.0
    return max(ROUNDING, min(rounding, MOST_ROUNDING)) + 1e-9


def _digits(cell: str) -> int:
    """The digits after the decimal point."""
    return 17 if "e" in cell.lower() else len(cell.partition(".")[2])


def _require_distributions(
    table: Table, values: NDArray[np.float64], names: Sequence[str], tolerance: float
) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        row, column = (int(at) for at in np.argwhere(~finite)[0])
        raise PredictionsError(
            f"{table.where(row)}: {values[row, column]} under {names[column]!r}, {EXPECTED}"
        )
    outside = ((values < 0) | (values > 1 + ROUNDING)).any(axis=1)
    wrong = np.flatnonzero(outside | (np.abs(values.sum(axis=1) - 1) > tolerance))
    if len(wrong):
        row = int(wrong[0])
        found = ", ".join(f"{value:.4g}" for value in values[row])
        raise PredictionsError(
            f"{table.where(row)}: {found} sums to {values[row].sum():.4g}; expected probabilities "
            f"from 0 to 1 that sum to 1{_remedy(values)}"
        )


def _remedy(values: NDArray[np.float64]) -> str:
    """What to do if the numbers are percentages or logits."""
    if (values >= 0).all() and np.allclose(values.sum(axis=1), 100, atol=100 * ROUNDING):
        return " (these are percentages: divide them by 100)"
    if (values < 0).any() or (values > 1 + ROUNDING).any():
        return " (these look like logits or scores: apply softmax to each row)"
    return ""


def _ids(table: Table, faces: FaceSet | None) -> NDArray[np.str_] | None:
    """The id of each row, (n,), or None if the file has none."""
    if faces is not None and is_result(table):
        return np.array(ids_of_result(table, faces), np.str_)
    column = next((name for name in ID_COLUMNS if name in table.header), None)
    return np.array(table.column(column), np.str_) if column else None


def _labels(table: Table, classes: tuple[str, ...]) -> NDArray[np.int64] | None:
    """The true class of each row, given by name, known spelling, or number; None if the file has none."""
    column = next((name for name in LABEL_COLUMNS if name in table.header), None)
    if column is None or is_result(table):
        return None
    number_of = {str(number): number for number in range(len(classes))}
    number_of |= {name.lower(): number for number, name in enumerate(classes)}
    labels = np.empty(len(table.rows), np.int64)
    for row, text in enumerate(table.column(column)):
        number = number_of.get(text.lower(), number_of.get(emotion_of(text) or ""))
        if number is None:
            raise PredictionsError(
                f"{table.where(row)}: {column} {text!r}, expected one of {', '.join(classes)}, "
                f"or a number from 0 to {len(classes) - 1}"
            )
        labels[row] = number
    return labels


def _rows_of(table: Table, faces: FaceSet, ids: NDArray[np.str_] | None) -> NDArray[np.int64]:
    """The row of each face, (n,): by id where there are ids, otherwise by order."""
    if ids is not None:
        return _rows_by_id(table, faces, ids)
    if len(table.rows) != len(faces):
        raise PredictionsError(
            f"{table.path}: {len(table.rows)} rows for {len(faces)} faces; expected one row per face "
            "in their order, or a column 'id'"
        )
    return np.arange(len(faces))


def _rows_by_id(table: Table, faces: FaceSet, ids: NDArray[np.str_]) -> NDArray[np.int64]:
    row_of: dict[str, int] = {}
    for row, name in enumerate(ids.tolist()):
        if name in row_of:
            raise PredictionsError(f"{table.where(row)}: id {name!r} was in row {row_of[name] + 1} already")
        row_of[name] = row
    wanted = faces.ids.tolist()
    unknown = sorted(row_of[name] for name in row_of.keys() - set(wanted))
    missing = [name for name in wanted if name not in row_of]
    if unknown and (missing or not is_result(table)):  # a result may hold faces of other splits, too
        raise PredictionsError(
            f"{table.where(unknown[0])}: id {str(ids[unknown[0]])!r} is not among the faces, whose ids are "
            f"{faces.ids[0]} to {faces.ids[-1]}"
        )
    if missing:
        raise PredictionsError(
            f"{table.path}: {len(missing)} faces have no row, the first: id {missing[0]!r}"
        )
    return np.array([row_of[name] for name in wanted], np.int64)


def _with_labels(
    table: Table, faces: FaceSet, labels: NDArray[np.int64], order: NDArray[np.int64]
) -> FaceSet:
    """The faces with the labels of the file, which may complete but not contradict those of the faces.

    Different labels mean that the rows are in another order, and every metric would be wrong.
    """
    differing = np.flatnonzero((labels != faces.labels) & (faces.labels != UNLABELED))
    if len(differing):
        at = int(differing[0])
        raise PredictionsError(
            f"{table.where(int(order[at]))}: label {faces.classes[labels[at]]!r}, but face {faces.ids[at]} "
            f"of the source is {faces.classes[faces.labels[at]]!r}; {len(differing)} of {len(faces)} labels "
            "differ, so these rows are not these faces in this order; add a column 'id'"
        )
    return replace(faces, labels=labels)
