"""Parquet: the columns of the CSV, typed and compressed. Needs `mien[parquet]`.

A Parquet file is readable once its end is written, so that it grows beside its place and is moved
there when the run ends, also by Ctrl-C; of a run that was killed nothing is left.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from mien.files import replacing
from mien.output.writers.rows import from_utf8, rows_of
from mien.output.writers.streams import before, is_special, make_ready, set_aside, telling
from mien.output.writers.written import Written, end_of, foreign
from mien.recognition.face import COLUMNS, Cell, Result, columns_of

KIND = "Parquet"

BATCH: Final = 8192
"""Rows that are held before they are compressed and written."""

_TYPES: Final = {
    "source": pa.string(), "width": pa.int32(), "height": pa.int32(), "frame": pa.int64(),
    "time": pa.float64(), "face": pa.int32(), "left": pa.float32(), "top": pa.float32(),
    "box_width": pa.float32(), "box_height": pa.float32(), "score": pa.float32(), "label": pa.string(),
    "confidence": pa.float32(), "uncertain": pa.bool_(), "track": pa.int32(),
}  # fmt: skip


class ParquetWriter:
    """Writes a Parquet file.

    Args:
        target: A file, or None for standard output.
        classes: Of the bundle.
        resume: Begin with what is in the file, if it is there.

    Raises:
        MienError: The file to resume holds something else, or other classes.
    """

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        names = columns_of(classes)[len(COLUMNS) :]
        self._target, self._classes, self._schema = target, classes, _schema(names)
        self._resumes = resume and target is not None and end_of(read_parquet(target), names, target) > 0
        self._rows: list[tuple[Cell, ...]] = []
        self._is_empty = True
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._writer = pq.ParquetWriter(self._place(), self._schema, compression="zstd")
        if self._resumes and self._target is not None:
            for batch in _opened(self._target).iter_batches(BATCH):
                self._add(batch)
        return self

    def write(self, result: Result) -> None:
        """Take one result; it is written together with some thousand others."""
        self._rows.extend(rows_of(result, self._classes))
        if len(self._rows) >= BATCH:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self._flush()
            self._writer.close()
            if kind is not None and self._is_empty:
                self._stack.pop_all().__exit__(kind, error, trace)  # what was there stays there
            elif kind is not None and self._target is not None and not self._resumes:
                set_aside(self._target)
        if kind is None and self._target is not None:
            before(self._target).unlink(missing_ok=True)

    def _place(self) -> Path | IO[bytes]:
        if self._target is None:
            return sys.stdout.buffer
        if is_special(self._target):
            with telling(self._target):
                return self._stack.enter_context(self._target.open("wb"))
        make_ready(self._target)
        return self._stack.enter_context(replacing(self._target))

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)
            ]
            self._add(pa.record_batch(arrays, schema=self._schema))
            self._rows = []

    def _add(self, batch: pa.RecordBatch) -> None:
        with telling(self._target or Path("standard output")):
            self._writer.write_batch(batch)
        self._is_empty = False


def read_parquet(path: Path) -> Iterator[Written]:
    """Yield the results in a file, none where there is no file.

    Raises:
        MienError: It isn't such a file.
    """
    if not path.exists() or not path.stat().st_size:
        return
    file = _opened(path)
    classes = tuple(file.schema_arrow.names[len(COLUMNS) :])
    if not file.schema_arrow.equals(_schema(classes)):
        raise foreign(path, KIND)
    end = 0
    for batch in file.iter_batches(BATCH, columns=["source", "frame"]):
        for source, frame in zip(*batch.to_pydict().values(), strict=True):
            end += 1
            yield Written(from_utf8(source), frame, classes, end)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise foreign(path, KIND) from error


def _schema(classes: Sequence[str]) -> pa.Schema:
    """Return names and types of the columns; `classes` are the names of the last ones."""
    return pa.schema([*_TYPES.items(), *((name, pa.float32()) for name in classes)])
