"""Reads a CSV of groups: the id of a face, and its group in one or more attributes."""

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeGuard

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.evaluation.probability_csv.columns import ID_COLUMNS, INDEX_COLUMNS
from mien.evaluation.probability_csv.ids import rows_by_id
from mien.evaluation.probability_csv.table import Table, read_table
from mien.files.identify import require_kind
from mien.files.writing import as_path
from mien.predictions import Predictions
from mien.text import counted

MOST_GROUPS: Final = 50
"""Groups of an attribute; more are numbers or names that must be binned first."""

MOST_ATTRIBUTES: Final = 20
"""Columns of groups; each test weakens the others."""

MOST_COMBINED: Final = 4
"""Columns whose pairs are evaluated, too: of more, the pairs would be most of the tests."""

UNKNOWN: Final = ("", "nan", "na", "n/a", "null", "<na>")
"""Cells of a face whose group is unknown, lower case; "none" may be a group, such as of glasses."""

_PREDICTED: Final = re.compile(
    r"(^|[\s_.-])(pred|predicted|prediction|estimated|estimate|inferred|guessed|auto"
    r"|fairface|deepface|insightface|rekognition)([\s_.-]|$)"
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
        notes: What the reader did not use, one sentence each.
    """

    name: str
    groups: NDArray[np.str_]
    predicted: str = ""
    is_combined: bool = False
    notes: tuple[str, ...] = ()


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
    _require_few("groups", found)
    return [*found, *_combinations(found)]


def _given(name: object, values: object, faces: int) -> GroupLabels:
    if not isinstance(name, str) or not _is_ordered(values):
        raise PredictionsError(
            f"groups of type {type(values).__name__} for {name!r}, expected the group of each "
            "face by attribute"
        )
    if len(values) != faces:
        raise PredictionsError(
            f"{name}: {counted(len(values), 'group')} for {counted(faces, 'face')}, expected one of each"
        )
    groups = _known(["" if one is None else str(one).strip() for one in values])
    if len(_names(groups)) > MOST_GROUPS:
        raise PredictionsError(f"groups of {name}: {_too_many(name, groups)}")
    _require_groups(f"groups of {name}", groups)
    return GroupLabels(name, groups, _reason(name.lower(), (), ()))


def _is_ordered(values: object) -> TypeGuard[Collection[object]]:
    """Return whether values have an order: lists, arrays and columns of data frames, not sets."""
    return isinstance(values, Collection) and not isinstance(values, str | bytes | Set | Mapping)


def read_groups(path: Path, predictions: Predictions) -> list[GroupLabels]:
    """Return the groups of the faces of `predictions`, for each attribute of a CSV.

    Its first line names the columns: `id` and one or more attributes. Rows may be in any order, and about
    other faces, too. A column with too many groups, such as remarks, is left out if there are others, which
    is noted; one that may hold ids, such as `path`, without a note.

    Args:
        path: The CSV.
        predictions: Of the faces; ids are matched as in `mien.evaluation.probability_csv.ids`.

    Raises:
        PredictionsError: It can't be read, has no id or no attribute, two rows of a face, no row of these
            faces, or too many attributes or groups.
    """
    table = read_table(path)
    key = next((name for name in (*ID_COLUMNS, *INDEX_COLUMNS) if name in table.header), None)
    if key is None:
        raise PredictionsError(
            f"{path}: its columns are {', '.join(table.header) or 'none'}; expected id and one or more "
            "columns of groups, such as id,age"
        )
    certainties = [name for name in table.header if _CONFIDENCE.search(name)]
    attributes = [name for name in table.header if name not in (key, *INDEX_COLUMNS, *certainties)]
    if not attributes:
        raise PredictionsError(f"{path}: no column of groups beside {key}, such as age")
    rows = _rows_of(table, key, predictions.ids)
    cells = {name: _known([*table.column(name), ""])[rows] for name in attributes}  # row -1 is the empty one
    refused = {name: groups for name, groups in cells.items() if len(_names(groups)) > MOST_GROUPS}
    if len(refused) == len(cells):
        name, groups = next(iter(refused.items()))
        raise PredictionsError(f"{path}: column {name!r}: {_too_many(name, groups)}")
    notes = tuple(
        f"{name} is left out: {_too_many(name, groups)}."
        for name, groups in refused.items()
        if name not in ID_COLUMNS
    )
    found = [
        _labels(table, name, cells[name], certainties, attributes) for name in cells if name not in refused
    ]
    _require_few(str(path), found)
    found[0] = replace(found[0], notes=notes)
    return [*found, *_combinations(found)]


def _rows_of(table: Table, key: str, ids: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the row of each face, -1 where there is none."""
    return rows_by_id(table, table.column(key), [str(name) for name in ids], others=True).of_face


def _known(cells: Sequence[str]) -> NDArray[np.str_]:
    """Return groups, "" where they are unknown."""
    return np.array(["" if cell.lower() in UNKNOWN else cell for cell in cells], np.str_)


def _names(groups: NDArray[np.str_]) -> NDArray[np.str_]:
    return np.unique(groups[groups != ""])


def _labels(
    table: Table,
    name: str,
    groups: NDArray[np.str_],
    certainties: Sequence[str],
    attributes: Sequence[str],
) -> GroupLabels:
    _require_groups(f"{table.path}: column {name!r}", groups)
    return GroupLabels(name, groups, _reason(name, certainties, attributes))


def _require_few(where: str, found: Sequence[GroupLabels]) -> None:
    if len(found) > MOST_ATTRIBUTES:
        raise PredictionsError(
            f"{where}: {len(found)} columns of groups, expected at most {MOST_ATTRIBUTES}; keep those that "
            "matter, as each test weakens the others"
        )


def _too_many(name: str, groups: NDArray[np.str_]) -> str:
    return (
        f"{len(_names(groups))} groups of {name}, expected at most {MOST_GROUPS}; put numbers into ranges, "
        "such as 20-29"
    )


def _require_groups(where: str, groups: NDArray[np.str_]) -> None:
    if not len(_names(groups)):
        raise PredictionsError(f"{where}: no group for any of these faces")


def _reason(name: str, certainties: Sequence[str], attributes: Sequence[str]) -> str:
    """Return why the groups of a column seem to be predictions, or ""."""
    if _PREDICTED.search(name):
        return f"the column is called {name}"
    for one in certainties:
        # age_confidence is about age alone, where there is such a column
        owners = [other for other in attributes if one.startswith(other)] or attributes
        if name in owners:
            return f"the file has a column {one}"
    return ""


def _combinations(found: Sequence[GroupLabels]) -> list[GroupLabels]:
    """Return the groups of two attributes together, for each pair, unless there are too many."""
    if len(found) > MOST_COMBINED:
        return []
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
