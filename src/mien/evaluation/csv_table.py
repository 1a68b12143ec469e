"""A CSV file as text cells, whose rows can be named in errors."""

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
    """Read a CSV with a header line.

    Raises:
        PredictionsError: It can't be read, has no rows, or a row has too many or too few cells.
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
        raise PredictionsError(f"{table.path}: column {min(repeated)!r} is there twice; remove one")
    if not table.rows:
        raise PredictionsError(
            f"{table.path}: no rows; expected one per face below a header that names the classes"
        )
    for row, cells in enumerate(table.rows):
        if len(cells) != len(table.header):
            raise PredictionsError(
                f"{table.where(row)}: {len(cells)} cells, expected {len(table.header)} as in the header"
            )
