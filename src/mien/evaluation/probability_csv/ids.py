"""Which row of a CSV is about which face: by id in several spellings, or by order."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.evaluation.probability_csv.table import Table
from mien.text import counted

ABSENT: Final = -1

_FERPLUS: Final = re.compile(r"(?:.*[/\\\\])?fer(\d{7})\.(?:png|jpe?g)")


class Rows(NamedTuple):
    """The row of each face.

    Attributes:
        of_face: (faces,); -1 for a face that has no row.
        notes: How ids were read, one sentence each.
    """

    of_face: NDArray[np.int64]
    notes: tuple[str, ...] = ()


Reading = Callable[[Sequence[str], Sequence[str]], Mapping[str, str] | None]
"""Returns the id of the face for each id of the file that names one; None if it does not apply."""


def rows_by_order(table: Table, faces: int) -> Rows:
    """Return the rows in their order.

    Raises:
        PredictionsError: There are more or fewer rows than faces.
    """
    if len(table.rows) != faces:
        raise PredictionsError(
            f"{table.path}: {counted(len(table.rows), 'row')} for {counted(faces, 'face')}; expected one "
            "row per face in their order, or a column 'id'"
        )
    return Rows(np.arange(faces))


def rows_by_id(table: Table, ids: Sequence[str], wanted: Sequence[str], *, others: bool = False) -> Rows:
    """Return the row of each face by its id.

    Ids may also be numbers with other leading zeros, numbers that count from 0 (rows of the source's CSV, or
    of the split), or the last parts of paths.

    Args:
        table: The table.
        ids: Of its rows.
        wanted: Ids of the faces.
        others: Rows may be about faces that are not `wanted`.

    Raises:
        PredictionsError: An id is there twice, or names no face.
    """
    _require_unique(table, ids)
    for read, note in _READINGS:
        face_of = read(ids, wanted)
        if face_of is None:
            continue
        row_of = {face_of[name]: row for row, name in enumerate(ids) if name in face_of}
        missing = sum(name not in row_of for name in wanted)
        unknown = len(ids) - len(row_of)
        if len(face_of) == len(row_of) and (not unknown or not missing or (others and row_of)):
            other = counted(unknown, "of its rows is about another face", "of its rows are about other faces")
            extra = (f"{other}.",) if unknown and not others else ()
            rows = np.array([row_of.get(name, ABSENT) for name in wanted], np.int64)
            return Rows(rows, (*filter(None, (note,)), *extra))
    known = set(wanted)
    row = next(row for row, name in enumerate(ids) if name not in known)
    raise PredictionsError(
        f"{table.where(row)}: id {ids[row]!r} is not among the faces, whose ids are {wanted[0]} to "
        f"{wanted[-1]}"
    )


def _require_unique(table: Table, ids: Sequence[str]) -> None:
    row_of: dict[str, int] = {}
    for row, name in enumerate(ids):
        if name in row_of:
            raise PredictionsError(f"{table.where(row)}: id {name!r} was in row {row_of[name] + 1} already")
        row_of[name] = row


def _exact(ids: Sequence[str], wanted: Sequence[str]) -> Mapping[str, str] | None:
    if _starts_lower(ids, wanted):
        return None
    known = set(wanted)
    return {name: name for name in ids if name in known}


def _numbers(ids: Sequence[str], wanted: Sequence[str]) -> Mapping[str, str] | None:
    ours, theirs = _integers(wanted), _integers(ids)
    if ours is None or theirs is None or _starts_lower(ids, wanted):
        return None
    name_of = dict(zip(ours, wanted, strict=True))
    return {name: name_of[number] for name, number in zip(ids, theirs, strict=True) if number in name_of}


def _rows_from_zero(ids: Sequence[str], wanted: Sequence[str]) -> Mapping[str, str] | None:
    """Rows of the source's CSV, counted from 0 where the source counts from 1."""
    ours, theirs = _integers(wanted), _integers(ids)
    if ours is None or theirs is None or 0 in ours:
        return None
    name_of = {number - 1: name for number, name in zip(ours, wanted, strict=True)}
    before_first = min(name_of) in theirs and set(theirs) <= name_of.keys()
    if before_first or _starts_lower(ids, wanted):
        return {name: name_of[number] for name, number in zip(ids, theirs, strict=True) if number in name_of}
    return None


def _ferplus_names(ids: Sequence[str], wanted: Sequence[str]) -> Mapping[str, str] | None:
    """Names of FER+, such as fer0028709.png, which count the rows of fer2013.csv from 0."""
    found = [_FERPLUS.fullmatch(name) for name in ids]
    known = set(wanted)
    if not all(found):
        return None
    numbers = {name: str(int(match[1]) + 1) for name, match in zip(ids, found, strict=True) if match}
    return {name: number for name, number in numbers.items() if number in known}


def _positions(ids: Sequence[str], wanted: Sequence[str]) -> Mapping[str, str] | None:
    """Positions in the split, counted from 0 or 1."""
    theirs = _integers(ids)
    if theirs is None or len(theirs) != len(wanted):
        return None
    first = min(theirs)
    if first not in (0, 1) or set(theirs) != set(range(first, first + len(wanted))):
        return None
    return {name: wanted[number - first] for name, number in zip(ids, theirs, strict=True)}


def _paths(ids: Sequence[str], wanted: Sequence[str]) -> Mapping[str, str] | None:
    """The longest part after a "#" or a folder that is the id of a face, or that ends the id of one face."""
    known = set(wanted)
    ends = _unique_ends(wanted)
    found = {}
    for name in ids:
        parts = [part for part in _tails(name) if part in known] or [
            ends[part] for part in _tails(name) if part in ends
        ]
        if parts:
            found[name] = parts[0]
    return found


def _tails(name: str) -> list[str]:
    """A name without more and more of its beginning."""
    pieces = name.split("#")
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return [
        *("#".join(pieces[at:]) for at in range(len(pieces))),
        *("/".join(parts[at:]) for at in range(len(parts))),
        PurePosixPath(parts[-1]).stem if parts else "",
    ]


def _unique_ends(wanted: Sequence[str]) -> dict[str, str]:
    """The ids by their last parts, with and without ending, as far as these are unique."""
    found: dict[str, str] = {}
    repeated = set()
    for name in wanted:
        for tail in {*_tails(name)} - {name}:
            if tail in found:
                repeated.add(tail)
            found[tail] = name
    return {tail: name for tail, name in found.items() if tail not in repeated}


def _integers(names: Sequence[str]) -> list[int] | None:
    try:
        values = [float(name) for name in names]
    except ValueError:
        return None
    return [int(value) for value in values] if all(value.is_integer() for value in values) else None


def _starts_lower(ids: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the file counts from 0 and the source from 1: it has more rows than the split, and a 0."""
    ours, theirs = _integers(wanted), _integers(ids)
    if ours is None or theirs is None or not _counts_rows(wanted):
        return False
    return 0 in theirs and 0 not in ours and len(theirs) > len(ours)


def _counts_rows(wanted: Sequence[str]) -> bool:
    """Whether the ids are plain row numbers, as those of a CSV, which count from 1."""
    return all(name == "1" or not name.startswith("0") for name in wanted)


_READINGS: Final[tuple[tuple[Reading, str], ...]] = (
    (_exact, ""),
    (_numbers, ""),
    (_rows_from_zero, "Its ids are row numbers that count from 0; those of the data set count from 1."),
    (_positions, "Its ids are positions in the split."),
    (_ferplus_names, "Its ids are image names of FER+."),
    (_paths, ""),
)
"""How ids can be read, in this order, and a note for each."""
