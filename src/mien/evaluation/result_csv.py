"""CSV files of `mien predict`, whose `label` is the prediction and whose `source` names the face."""

from pathlib import PurePath

from mien.evaluation.csv_table import Table
from mien.faceset import FaceSet

RESULT_COLUMNS = frozenset({"source", "confidence", "uncertain"})
"""Columns that together identify a result of mien; a table of any other system lacks one of them."""


def is_result(table: Table) -> bool:
    """Return whether the table is a result of mien."""
    return set(table.header) >= RESULT_COLUMNS


def ids_of_result(table: Table, faces: FaceSet) -> list[str]:
    """Return the id of the face of each row; the source itself where no face has such an id."""
    known = set(faces.ids.tolist())
    return [_id_of(source, known) for source in table.column("source")]


def _id_of(source: str, known: set[str]) -> str:
    """The longest part of `source` after a "#" (data sets and archives) or a folder that is an id."""
    folders = PurePath(source).parts
    parts = source.split("#")
    candidates = (
        *("#".join(parts[at:]) for at in range(1, len(parts))),
        *("/".join(folders[at:]) for at in range(len(folders))),
    )
    return next((name for name in candidates if name in known), source)
