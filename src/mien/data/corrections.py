"""Corrections of a data set: the CSV of an audit, which a person may have edited, applied to training faces.

It has the column `row` (the id of a face), and optionally `label`, `suggestion`, `reason` and `score`. A
suggestion is the name of a class, "exclude", "keep", or empty.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.bounded import open_text
from mien.labels import TRAIN, name_of_label
from mien.limits import MAX_ROWS, MAX_TEXT_BYTES
from mien.text import counted

ROW_COLUMNS: Final = ("row", "id")
EXCLUDE: Final = "exclude"
KEEP: Final = "keep"
NO_CLASS: Final = ("", EXCLUDE, KEEP)
"""Suggestions that are no class."""


@dataclass(frozen=True)
class Corrections:
    """The content of the CSV.

    Attributes:
        path: The file, for errors.
        labels: The label of each listed face by its id, as the file states it; "" if it doesn't.
        doubtful: Ids of the faces that are to be excluded or get another label.
        excluded: Those of them that a row excludes, whatever other rows suggest.
        suggestions: The suggested class by id.
    """

    path: str
    labels: Mapping[str, str]
    doubtful: frozenset[str]
    excluded: frozenset[str]
    suggestions: Mapping[str, str]


def read_corrections(path: Path) -> Corrections:
    """Read the CSV of an audit.

    Raises:
        DataError: It can't be read, has no column `row`, or suggests two classes for one face.
    """
    labels: dict[str, str] = {}
    suggestions: dict[str, str] = {}
    doubtful: set[str] = set()
    excluded: set[str] = set()
    for number, cells in enumerate(_rows(path), 1):
        row = next((cells[name] for name in ROW_COLUMNS if cells.get(name)), "")
        if not row:
            raise DataError(f"{path}: row {number} names no face in its column 'row'", path=path, row=number)
        suggestion = cells.get("suggestion", "")
        labels[row] = cells.get("label", "") or labels.get(row, "")
        if suggestion.lower() != KEEP:
            doubtful.add(row)
        if suggestion.lower() in NO_CLASS:
            if suggestion.lower() != KEEP:
                excluded.add(row)
            continue
        if suggestions.setdefault(row, suggestion) != suggestion:
            raise DataError(
                f"{path}: row {number}: {suggestion!r} for the face {row!r}, for which another row "
                f"suggests {suggestions[row]!r}; remove one of them",
                path=path, row=number,
            )  # fmt: skip
    return Corrections(str(path), labels, frozenset(doubtful), frozenset(excluded), suggestions)


def doubtful_faces(faces: FaceSet, corrections: Corrections) -> NDArray[np.bool_]:
    """Return a mask (n,) of the faces that are to be excluded or get another label.

    Raises:
        DataError: The file is about other faces.
    """
    _require_same_faces(faces, corrections)
    return np.array([name in corrections.doubtful for name in faces.ids.tolist()], bool)


def suggested_labels(faces: FaceSet, corrections: Corrections) -> NDArray[np.int64]:
    """Return the labels of all faces, (n,), in which suggested classes replace those of the data set.

    Raises:
        DataError: The file is about other faces, or suggests an unknown class.
    """
    _require_same_faces(faces, corrections)
    number_of = {name: number for number, name in enumerate(faces.classes)}
    labels = faces.labels.copy()
    for position, name in enumerate(faces.ids.tolist()):
        suggestion = corrections.suggestions.get(name)
        if suggestion is None:
            continue
        if suggestion not in number_of:
            raise DataError(
                f"{corrections.path}: the suggestion {suggestion!r} for the face {name!r}, expected one of "
                f"{', '.join(faces.classes)}, {EXCLUDE} or {KEEP}",
                path=corrections.path,
            )
        labels[position] = number_of[suggestion]
    return labels


def applied(
    faces: FaceSet, exclude: Corrections | None, relabel: Corrections | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the labels (n,) after corrections of the training split, and a mask (n,) of what stays.

    Other splits are unchanged, so that trainings with and without corrections have the same evaluation.

    Args:
        faces: Faces of all splits.
        exclude: Training faces to leave out; those that it only gives another label stay if `relabel` has a
            label for them.
        relabel: New labels of training faces.

    Raises:
        DataError: A file is about other faces, or suggests an unknown class.
    """
    training = faces.in_split(TRAIN)
    labels, kept = faces.labels, np.ones(len(faces), bool)
    if exclude is not None:
        kept = ~(doubtful_faces(faces, exclude) & training)
    if relabel is not None:
        labels = np.where(training, suggested_labels(faces, relabel), faces.labels)
        if exclude is not None:
            stays = relabel.suggestions.keys() - exclude.excluded
            kept |= np.array([name in stays for name in faces.ids.tolist()], bool)
    return labels, kept


def correction_notes(faces: FaceSet, exclude: Corrections | None, relabel: Corrections | None) -> list[str]:
    """Return one sentence for each file, with the number of faces that it changes; arguments as `applied`."""
    labels, kept = applied(faces, exclude, relabel)
    left_out, changed = int((~kept).sum()), int((labels != faces.labels).sum())
    notes = []
    if exclude is not None:
        notes.append(f"{exclude.path}: {counted(left_out, 'doubtful training face')} left out")
    if relabel is not None:
        notes.append(f"{relabel.path}: {counted(changed, 'training face')} with another label")
    return notes


def _require_same_faces(faces: FaceSet, corrections: Corrections) -> None:
    """Check that the listed faces exist, and have the label that the file states."""
    position_of = {name: position for position, name in enumerate(faces.ids.tolist())}
    for name, label in corrections.labels.items():
        position = position_of.get(name)
        if position is None:
            raise DataError(
                f"{corrections.path}: row {name!r} is no face of {faces.source or 'this data set'}; "
                "expected the CSV of an audit of the same data set",
                path=corrections.path,
            )
        found = name_of_label(int(faces.labels[position]), faces.classes)
        if label and label != found:
            raise DataError(
                f"{corrections.path}: the face {name!r} is labeled {label!r} there, but {found or 'not'!r} "
                f"in {faces.source or 'this data set'}; expected the CSV of an audit of the same data set",
                path=corrections.path,
            )


def _rows(path: Path) -> list[dict[str, str]]:
    """Return the cells of each row by the name of their column, in lower case."""
    try:
        with open_text(path, MAX_TEXT_BYTES) as stream:
            lines = stream.read().splitlines()
    except OSError as error:
        raise DataError(f"{path}: can't read it ({error.strerror or error})", path=path) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a CSV in UTF-8 ({error})", path=path) from error
    header = lines[0] if lines else ""
    try:
        table = list(csv.reader(lines, delimiter=max(",;\t", key=header.count), strict=True))
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV ({error})", path=path) from error
    names = [name.strip().lower() for name in table[0]] if table else []
    if not set(ROW_COLUMNS) & set(names):
        raise DataError(
            f"{path}: its columns are {', '.join(names)[:100] or 'none'}, expected the CSV of mien audit "
            "with a column 'row'",
            path=path,
        )
    if len(table) > MAX_ROWS:
        raise DataError(f"{path}: over {MAX_ROWS} rows, the limit", path=path)
    return [
        dict(zip(names, (cell.strip() for cell in cells), strict=False)) for cells in table[1:] if any(cells)
    ]
