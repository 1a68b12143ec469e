"""The faces of a video as the tables of fer: a row for each frame, with numbered columns for its faces."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien.data_frame import data_frame
from mien.files.writing import write_csv

if TYPE_CHECKING:
    import pandas

Faces = Sequence[Mapping[str, Any]]
"""The faces of a frame, as `FER.detect_emotions` returns them."""

_NUMBERED: Final = re.compile(r"(.*?)(\d+)", re.DOTALL)


def rows_of(data: Iterable[Faces | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each frame: "box0", "angry0", ... of its first face, "box1", ... of the next.

    Args:
        data: The faces of each frame, or such rows, which are returned.
    """
    return [dict(frame) if isinstance(frame, Mapping) else _row(frame) for frame in data]


def _row(faces: Faces) -> dict[str, Any]:
    row = {}
    for number, face in enumerate(faces):
        row[f"box{number}"] = face["box"]
        row |= {f"{name}{number}": share for name, share in face["emotions"].items()}
    return row


def to_frame(rows: Sequence[Mapping[str, Any]]) -> "pandas.DataFrame":
    """Return rows as a pandas data frame; what a row lacks is missing.

    Raises:
        MissingExtraError: Pandas is not installed.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return data_frame(([row.get(name) for name in columns] for row in rows), columns)


def first_face(frame: "pandas.DataFrame") -> "pandas.DataFrame":
    """Return the columns of the first face without their number; a frame without numbers as it is."""
    if not len(frame.columns) or _NUMBERED.fullmatch(str(frame.columns[0])) is None:
        return frame
    names = {name: found[1] for name in frame.columns if (found := _first(str(name))) is not None}
    return frame[list(names)].rename(columns=names)


def _first(name: str) -> re.Match[str] | None:
    found = _NUMBERED.fullmatch(name)
    return found if found is not None and found[2] == "0" else None


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as CSV, with the columns in the order of fer: by name, then by number.

    Raises:
        MienError: It can't be written.
    """
    columns = sorted({name for row in rows for name in row}, key=_name_and_number)
    write_csv(path, columns, ([row.get(name, "") for name in columns] for row in rows))


def _name_and_number(column: str) -> tuple[str, int]:
    found = _NUMBERED.fullmatch(column)
    return (column, 0) if found is None else (found[1], int(found[2]))
