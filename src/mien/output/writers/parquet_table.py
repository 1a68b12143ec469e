"""Parquet: the columns of the CSV, typed and compressed. Needs `mien[parquet]`.

A Parquet file is readable only with its footer, so it is written beside its target and moved there
when the run ends, also after Ctrl-C. A killed run leaves no file.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from itertools import islice, pairwise
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final, Self

from mien.errors import MienError, MissingExtraError, OutputError
from mien.files.bounded_parquet import check_parquet
from mien.files.targets import place_of, writing
from mien.files.writing import replacing
from mien.output.writers.base import FormatWriter, WrittenResult
from mien.output.writers.rows import rows_of
from mien.output.writers.streams import back_up, backup_path
from mien.recognition.columns import COLUMNS, Cell, classes_of, columns_of
from mien.recognition.face import Result
from mien.text import unescape_name

if TYPE_CHECKING:
    import pyarrow as pa

BATCH: Final = 8192
"""Rows that are held in memory before they are compressed and written."""

TYPES: Final = {
    "source": "string", "width": "int32", "height": "int32", "frame": "int64", "time": "float64",
    "face": "int32", "left": "float32", "top": "float32", "box_width": "float32", "box_height": "float32",
    "score": "float32", "tilt": "float32", "label": "string", "confidence": "float32", "uncertain": "bool",
    "uncertain_reason": "string", "track": "int32",
}  # fmt: skip
"""Type of each column, by pyarrow's names; landmarks and probabilities are float32."""


class ParquetWriter(FormatWriter):
    """Writes a Parquet file. Resuming copies the rows of the file and appends to them.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    title = "Parquet"
    endings = (".parquet", ".pq")
    mergeable = True

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        self._schema = schema_of(columns_of(classes))
        super().__init__(target, classes, resume=resume)
        self._rows: list[tuple[Cell, ...]] = []
        self._is_empty = True
        self._has_failed = False
        self._file: Path | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(writing(self._name))  # closing writes what is buffered
            self._destination = self._open_destination(stack)
            self._writer = _pyarrow("pyarrow.parquet").ParquetWriter(
                self._destination, self._schema, compression="zstd", write_page_checksum=True
            )
            stack.callback(self._abandon)
            self._copy_written()
            self._stack = stack.pop_all()
        return self

    def _copy_written(self) -> None:
        """Copy the rows of the file to resume."""
        if self.start and self.target is not None:
            with self._open(self.target) as file:
                for batch in file.iter_batches(BATCH):
                    self._write_batch(batch)

    def write(self, result: Result) -> None:
        """Add one result; rows are written in batches."""
        self.write_content(list(rows_of(result, self.classes)))

    def read_contents(
        self, path: Path, ends: Sequence[int], order: Sequence[int]
    ) -> Iterator[list[tuple[Cell, ...]]]:
        """Yield the rows of results of another file; all are read first if they are not in order."""
        found = self._results(path, ends)
        if list(order) == list(range(len(ends))):
            yield from found
        else:
            results = list(found)
            yield from (results[number] for number in order)

    def _results(self, path: Path, ends: Sequence[int]) -> Iterator[list[tuple[Cell, ...]]]:
        with self._open(path) as file:
            batches = (batch.to_pydict() for batch in file.iter_batches(BATCH))
            rows = (row for columns in batches for row in zip(*columns.values(), strict=True))
            for start, end in pairwise((0, *ends)):
                yield list(islice(rows, end - start))

    def write_content(self, content: list[tuple[Cell, ...]]) -> None:
        """Add the rows of a result of another file."""
        self._rows.extend(content)
        if len(self._rows) >= BATCH:
            self._flush()

    @classmethod
    def kept(cls) -> type[FormatWriter]:
        """Return the writer that keeps the rows beside the file until it is complete."""
        from mien.output.writers.parquet_rows import KeptParquetWriter

        return KeptParquetWriter

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._has_failed or (kind is not None and self._is_empty and not self._rows):
            # Unwound with an error, `replacing` keeps the existing file.
            self._stack.__exit__(kind or OutputError, error or OutputError(), trace)
            return
        with self._stack:
            self._flush()
            with writing(self._name):
                self._writer.close()
                if kind is not None and self._file is not None and not self.start:
                    self._destination.flush()
                    os.fsync(self._destination.fileno())  # a full disk is reported before anything is moved
                    back_up(self._file)
        if kind is None and self._file is not None:
            backup_path(self._file).unlink(missing_ok=True)

    @classmethod
    def read_written(cls, path: Path) -> Iterator[WrittenResult]:
        """Yield the rows of a file: one for each face, and one for each image without faces."""
        if not path.exists() or not path.stat().st_size:
            return
        with cls._open(path) as file:
            columns = file.schema_arrow.names
            if columns[:6] == list(COLUMNS[:6]) and columns[: len(COLUMNS)] != list(COLUMNS):
                raise cls.other_columns(path)
            if not file.schema_arrow.equals(schema_of([*COLUMNS, *columns[len(COLUMNS) :]])):
                raise cls.unexpected_content(path)
            classes, end = classes_of(columns), 0
            for batch in file.iter_batches(BATCH, columns=["source", "frame"]):
                for source, frame in zip(*batch.to_pydict().values(), strict=True):
                    if source is None or (frame is not None and frame < 0):
                        raise cls.unexpected_content(path, end + 1)
                    end += 1
                    yield WrittenResult(unescape_name(source), frame, classes, end)

    @classmethod
    @contextmanager
    def _open(cls, path: Path) -> Iterator[Any]:
        """Open a file for pyarrow, which takes only names in UTF-8; errors of reading it become one line."""
        arrow = _pyarrow("pyarrow")
        with path.open("rb") as stream:
            try:
                check_parquet(stream)
                yield _pyarrow("pyarrow.parquet").ParquetFile(stream, page_checksum_verification=True)
            except (arrow.ArrowException, OSError, ValueError, OverflowError, RecursionError) as error:
                raise cls.unexpected_content(path) from error

    @property
    def _name(self) -> Path:
        return self.target or Path("standard output")

    def _open_destination(self, stack: ExitStack) -> IO[bytes]:
        """Return the stream, or the temporary file that replaces the target at the end."""
        if self.target is None and sys.stdout.isatty():
            raise MienError("Parquet is not text: write it to a file, or redirect standard output")
        if self.target is None:
            return sys.stdout.buffer
        place = place_of(self.target)
        self._file = place.file
        if place.file is None:
            return stack.enter_context(place.open_stream())
        return stack.enter_context(stack.enter_context(replacing(place.file)).open("wb"))

    def _abandon(self) -> None:
        """Close the writer, which is closed already unless something failed."""
        with suppress(OSError):  # the same error again
            self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            pa = _pyarrow("pyarrow")
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)
            ]
            self._write_batch(pa.record_batch(arrays, schema=self._schema))
            self._rows = []

    def _write_batch(self, batch: "pa.RecordBatch") -> None:
        try:
            with writing(self._name):
                self._writer.write_batch(batch)
        except (OutputError, BrokenPipeError):
            self._has_failed = True
            raise
        self._is_empty = False


def schema_of(columns: Sequence[str]) -> "pa.Schema":
    """Return the types of columns of results."""
    pa = _pyarrow("pyarrow")
    return pa.schema([(name, pa.type_for_alias(TYPES.get(name, "float32"))) for name in columns])


def _pyarrow(module: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Import a module of pyarrow, which is optional and slow to import."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
