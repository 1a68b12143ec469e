"""A small CSV as text with a header, whose every row can be named in an error."""

import csv
from dataclasses import dataclass
from pathlib import Path

from mien.errors import PredictionsError


@dataclass(frozen=True)
class Table:
    """Cells as text.

    Attributes:
        path: The file.
        header: Names of the columns, lower case.
        rows: Cells of each row, as many as there are columns.
        lines: Number of the line in the file on which each row ends.
    """

    path: Path
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def where(self, row: int) -> str:
        """Return how an error names a row, counted from 0."""
        return f"{self.path}: row {row + 1} (line {self.lines[row]})"

    def column(self, name: str) -> list[str]:
        """Return the cells below a name of the header."""
        at = self.header.index(name)
        return [row[at].strip() for row in self.rows]


def read_table(path: Path) -> Table:
    """Read a CSV whose first line names its columns.

    Raises:
        PredictionsError: It can't be read, has no rows, or a row has another number of cells.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = tuple(name.strip().lower() for name in next(reader, []))
            read = [(reader.line_num, row) for row in reader if row]
    except OSError as error:
        raise PredictionsError(f"{path}: can't read it ({error.strerror or error})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise PredictionsError(f"{path}: not a CSV of probabilities ({error})") from error
    table = Table(path, header, [row for _, row in read], [line for line, _ in read])
    _require_rectangle(table)
    return table


def _require_rectangle(table: Table) -> None:
    repeated = {name for name in table.header if name and table.header.count(name) > 1}
    if repeated:
        raise PredictionsError(f"{table.path}: column {min(repeated)!r} stands there twice; leave one out")
    if not table.rows:
        raise PredictionsError(
            f"{table.path}: no rows, expected one a face below a header that names the classes"
        )
    for row, cells in enumerate(table.rows):
        if len(cells) != len(table.header):
            raise PredictionsError(
                f"{table.where(row)}: {len(cells)} cells, expected {len(table.header)} as in the header"
            )
