"""Reads a CSV of groups: the id of a face, and its group in one or more attributes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.evaluation.csv_ids import rows_by_id
from mien.evaluation.csv_table import Table, read_table
from mien.files import as_path
from mien.identify import require_kind
from mien.predictions import Predictions

ID_COLUMNS: Final = ("id", "row", "face", "path", "image", "file")

MOST_GROUPS: Final = 50
"""Groups of an attribute; more are numbers or names that must be binned first."""

_PREDICTED: Final = re.compile(
    r"(^|[\s_.-])(pred|predicted|prediction|estimated|estimate|inferred|guessed|auto)([\s_.-]|$)"
)
_CONFIDENCE: Final = re.compile(r"(^|[\s_.-])(confidence|conf|probability|prob|score|certainty)$")


@dataclass(frozen=True, eq=False)
class GroupLabels:
    """The groups of faces in one attribute.

    Attributes:
        name: Of the attribute.
        groups: (n,), the group of each face, "" where it is unknown.
        predicted: Why they seem to be predictions of a model, or "".
        is_combined: The groups of two attributes together.
    """

    name: str
    groups: NDArray[np.str_]
    predicted: str = ""
    is_combined: bool = False


def labels_of(
    groups: str | Path | Mapping[str, Sequence[str]], predictions: Predictions
) -> list[GroupLabels]:
    """Return the groups of the faces of `predictions`, from a CSV or from values in their order.

    Raises:
        PredictionsError: They are not groups of these faces.
    """
    if not isinstance(groups, Mapping):
        path = as_path(groups, "groups", PredictionsError)
        require_kind(path, "a CSV of groups, with columns id and age or similar", (), PredictionsError)
        return read_groups(path, predictions)
    found = [_given(name, values, len(predictions)) for name, values in groups.items()]
    if not found:
        raise PredictionsError("no groups; expected the group of each face by attribute, such as age")
    return [*found, *_combinations(found)]


def _given(name: object, values: object, faces: int) -> GroupLabels:
    if not isinstance(name, str) or isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
        raise PredictionsError(
            f"groups of type {type(values).__name__} for {name!r}, expected the group of each "
            "face by attribute"
        )
    if len(values) != faces:
        raise PredictionsError(f"{name}: {len(values)} groups for {faces} faces, expected one of each")
    groups = np.array([str(one) for one in values], np.str_)
    _require_groups(name, f"groups of {name}", groups)
    return GroupLabels(name, groups, _reason(name.lower(), ()))


def read_groups(path: Path, predictions: Predictions) -> list[GroupLabels]:
    """Return the groups of the faces of `predictions`, for each attribute of a CSV.

    Its first line names the columns: `id` and one or more attributes. Rows may be in any order, and about
    other faces, too.

    Args:
        path: The CSV.
        predictions: Of the faces; ids are matched as in `mien.evaluation.csv_ids`.

    Raises:
        PredictionsError: It can't be read, has no id or no attribute, two rows of a face, no row of these
            faces, or an attribute with too many groups.
    """
    table = read_table(path)
    key = next((name for name in ID_COLUMNS if name in table.header), None)
    if key is None:
        raise PredictionsError(
            f"{path}: its columns are {', '.join(table.header) or 'none'}; expected id and one or more "
            "columns of groups, such as id,age"
        )
    certainties = [name for name in table.header if _CONFIDENCE.search(name)]
    attributes = [name for name in table.header if name and name != key and name not in certainties]
    if not attributes:
        raise PredictionsError(f"{path}: no column of groups beside {key}, such as age")
    rows = _rows_of(table, key, predictions.ids)
    found = [_labels(table, name, rows, certainties) for name in attributes]
    return [*found, *_combinations(found)]


def _rows_of(table: Table, key: str, ids: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the row of each face, -1 where there is none."""
    return rows_by_id(table, table.column(key), [str(name) for name in ids], others=True).of_face


def _labels(table: Table, name: str, rows: NDArray[np.int64], certainties: Sequence[str]) -> GroupLabels:
    cells = np.array([*table.column(name), ""], np.str_)
    groups = cells[rows]  # row -1 is the empty one
    _require_groups(name, f"{table.path}: column {name!r}", groups)
    return GroupLabels(name, groups, _reason(name, certainties))


def _require_groups(name: str, where: str, groups: NDArray[np.str_]) -> None:
    number = len(np.unique(groups[groups != ""]))
    if number > MOST_GROUPS:
        raise PredictionsError(
            f"{where}: {number} groups of {name}, expected at most {MOST_GROUPS}; put numbers into "
            "ranges, such as 20-29"
        )
    if not number:
        raise PredictionsError(f"{where}: no group for any of these faces")


def _reason(name: str, certainties: Sequence[str]) -> str:
    """Return why the groups of a column seem to be predictions, or ""."""
    if _PREDICTED.search(name):
        return f"the column is called {name}"
    beside = [one for one in certainties if one.startswith(name) or len(certainties) == 1]
    return f"the file has a column {beside[0]}" if beside else ""


def _combinations(found: Sequence[GroupLabels]) -> list[GroupLabels]:
    """Return the groups of two attributes together, for each pair, unless there are too many."""
    pairs = [(one, other) for at, one in enumerate(found) for other in found[at + 1 :]]
    combined = [_combined(one, other) for one, other in pairs]
    return [one for one in combined if len(np.unique(one.groups)) <= MOST_GROUPS]


def _combined(one: GroupLabels, other: GroupLabels) -> GroupLabels:
    known = (one.groups != "") & (other.groups != "")
    both = np.char.add(np.char.add(one.groups, ", "), other.groups)
    return GroupLabels(
        f"{one.name} and {other.name}",
        np.where(known, both, ""),
        one.predicted or other.predicted,
        is_combined=True,
    )
