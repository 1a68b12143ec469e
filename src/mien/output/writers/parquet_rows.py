"""Parquet that survives a killed process: rows are kept as CSV beside the file until it is complete.

A Parquet file is readable only with its footer. So the rows of `faces.parquet` are written to
`faces.parquet.rows`, one result after another, and become the Parquet file at the end.
"""

import csv
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from mien.errors import MienError
from mien.files.names import fitting_name
from mien.files.writing import replacing
from mien.output.writers.base import FormatWriter
from mien.output.writers.csv_table import CsvWriter, encode_row
from mien.output.writers.parquet_table import TYPES, ParquetWriter
from mien.recognition.columns import COLUMNS, Cell
from mien.recognition.face import Result

ROWS: Final = ".rows"
"""Ending of the file of rows."""

_SOURCE, _FRAME = COLUMNS.index("source"), COLUMNS.index("frame")


class KeptParquetWriter(FormatWriter):
    """Writes rows beside a Parquet file, and the Parquet file when all results are complete."""

    title = "Parquet"
    endings: ClassVar[tuple[str, ...]] = ParquetWriter.endings

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        super().__init__(target, classes)
        if target is None:
            raise MienError("standard output can't keep rows of Parquet; write to a file")
        self._parquet = ParquetWriter(target, classes)
        self._path = target
        rows = rows_path(target)
        if resume and target.exists() and not rows.exists():
            self._restore(target, rows)
        self._rows = CsvWriter(rows, classes, resume=resume)
        self.written = self._rows.written

    def __enter__(self) -> Self:
        self._rows.__enter__()
        return self

    def write(self, result: Result) -> None:
        """Write the rows of a result."""
        self._rows.write(result)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.__exit__(kind, error, trace)
        if kind is None:
            rows = rows_path(self._path)
            with self._parquet as parquet:
                for result in read_rows(rows):
                    parquet.write_content(result)
            rows.unlink()

    def _restore(self, target: Path, rows: Path) -> None:
        """Write the rows of a complete file, so that more can be added."""
        written = [one.end for one in ParquetWriter.read_written(target)]
        with replacing(rows) as temporary, temporary.open("wb") as stream:
            stream.write(self._header())
            for result in self._parquet.read_contents(target, written, range(len(written))):
                stream.writelines(map(encode_row, result))

    def _header(self) -> bytes:
        return CsvWriter(None, self.classes).header()


def rows_path(path: Path) -> Path:
    """Return the path of the rows of a Parquet file."""
    return path.with_name(fitting_name(path.name, ROWS))


def read_rows(path: Path) -> Iterator[list[tuple[Cell, ...]]]:
    """Yield the rows of each result of a file of rows, with the types of the columns."""
    with path.open(encoding="utf-8", newline="") as stream:
        records = csv.reader(stream, strict=True)
        readers = [_READERS[TYPES.get(name, "float32")] for name in next(records)[: len(COLUMNS)]]
        for _, rows in groupby(records, lambda cells: (cells[_SOURCE], cells[_FRAME])):
            yield [_row(cells, readers) for cells in rows]


def _row(cells: list[str], readers: list[Callable[[str], Cell]]) -> tuple[Cell, ...]:
    more = [float] * (len(cells) - len(readers))
    return tuple(
        None if cell == "" else read(cell) for cell, read in zip(cells, [*readers, *more], strict=True)
    )


def _flag(cell: str) -> bool:
    return cell == "true"


_READERS: Final[dict[str, Callable[[str], Cell]]] = {
    "string": str, "bool": _flag, "int32": int, "int64": int, "float32": float, "float64": float,
}  # fmt: skip
