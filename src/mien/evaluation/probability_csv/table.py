"""A CSV file as text cells, whose rows can be named in errors."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final, TextIO

from mien.errors import PredictionsError
from mien.files.bounded import open_text
from mien.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT_BYTES
from mien.text import counted

_DELIMITERS = ",;\t|"
"""Of these, the one that is most frequent in the first line; the first one if there is none."""

_SEPARATOR: Final = re.compile(r'"?sep=.?"?', re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """Cells as text.

    Attributes:
        path: The file.
        header: Names of the columns, lower case.
        rows: Cells of each row, as many as there are columns.
        lines: Line of the file on which each row ends.
    """

    path: Path
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def where(self, row: int) -> str:
        """Return the name of a row in errors; `row` counts from 0."""
        return f"{self.path}: row {row + 1} (line {self.lines[row]})"

    def column(self, name: str) -> list[str]:
        """Return the cells of the column `name`."""
        at = self.header.index(name)
        return [row[at].strip() for row in self.rows]


def read_table(path: Path) -> Table:
    """Read a CSV with a header line, whose cells are separated by commas, semicolons, tabs or bars.

    Raises:
        PredictionsError: It can't be read, has no rows, or a row has too many or too few cells.
    """
    try:
        with open_text(path, MAX_TEXT_BYTES) as stream:
            first, before = _first_line(stream)
            delimiter = max(_DELIMITERS, key=first.count)
            reader = csv.reader(chain([first], stream), strict=True, delimiter=delimiter)
            header = tuple(name.strip().lower() for name in next(reader, []))
            _require_columns(path, header)
            most = min(MAX_ROWS, MAX_CELLS // max(1, len(header)))
            read = [(before + reader.line_num, row) for row in islice(filter(None, reader), most + 1)]
    except OSError as error:
        raise PredictionsError(f"{path}: can't read it ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise PredictionsError(
            f"{path}: not a CSV in UTF-8 ({error.reason}); save it as CSV in UTF-8"
        ) from error
    except csv.Error as error:
        raise PredictionsError(f"{path}: not a CSV ({error})") from error
    if len(read) > most:
        raise PredictionsError(f"{path}: over {most} rows of {len(header)} cells, the limit")
    table = Table(path, header, [row for _, row in read], [line for line, _ in read])
    _require_rectangle(table)
    return table


def _first_line(stream: TextIO) -> tuple[str, int]:
    """Return the line of the header, and the number of lines that programs wrote before it.

    Spreadsheets write `sep=;`, others comments that begin with #. A # before the names of columns, as NumPy
    writes it, is removed.
    """
    line, before = stream.readline(), 0
    if _SEPARATOR.fullmatch(line.strip()):
        return stream.readline(), 1
    while line.startswith("#") and not any(delimiter in line for delimiter in _DELIMITERS):
        line, before = stream.readline(), before + 1
    return (line.removeprefix("#").lstrip(" ") if line.startswith("#") else line), before


def _require_columns(path: Path, header: Sequence[str]) -> None:
    if len(header) > 1 and _are_values(header):
        raise PredictionsError(
            f"{path}: its first line holds numbers, expected a header that names the columns, such as "
            "angry,disgust,..."
        )
    if len(header) > MAX_COLUMNS:
        raise PredictionsError(
            f"{path}: {len(header)} columns, expected at most {MAX_COLUMNS}, of which one is for each class"
        )
    repeated = [name for name, count in Counter(header).items() if name and count > 1]
    if repeated:
        raise PredictionsError(f"{path}: column {min(repeated)!r} is there twice; remove one")


def _are_values(header: Sequence[str]) -> bool:
    """Whether the first line is no header: numbers that are not `0,1,2,...`, which may be names."""
    try:
        values = [float(name) for name in header]
    except ValueError:
        return False
    return len(set(header)) < len(values) or not all(name.isdigit() for name in header)


def _require_rectangle(table: Table) -> None:
    if not table.rows:
        raise PredictionsError(
            f"{table.path}: no rows; expected one per face below a header that names the columns"
        )
    for row, cells in enumerate(table.rows):
        if len(cells) != len(table.header):
            raise PredictionsError(
                f"{table.where(row)}: {counted(len(cells), 'cell')}, expected {len(table.header)} as in "
                "the header"
            )
