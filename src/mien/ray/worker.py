"""The work of an actor: a table of images in, a table of faces out. It does not import Ray."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from mien.errors import MienError
from mien.files.bounded import read_up_to
from mien.limits import MAX_STREAM_BYTES
from mien.optional import import_optional
from mien.output.writers.parquet_table import schema_of
from mien.output.writers.rows import rows_of
from mien.ray.listing import EXTRA
from mien.ray.models import Model
from mien.recognition.columns import COLUMNS, Cell, columns_of
from mien.recognition.pipeline import recognize_images
from mien.recognition.sources.items import Failure, ImageItem
from mien.text import escape_name

if TYPE_CHECKING:
    import pyarrow as pa

    from mien.recognition.face import Result

READERS: Final = 16
"""Addresses that are read at a time: object stores answer late, but many requests at once."""

ERROR: Final = "error"
"""Column with the reason why an image could not be read."""


@dataclass(frozen=True)
class Columns:
    """Columns of the data set.

    Attributes:
        content: The images: addresses, bytes of files, or pixels.
        source: Their names.
        kept: Columns that are copied to each face of an image.
    """

    content: str
    source: str
    kept: tuple[str, ...] = ()


class Worker:
    """Recognizes the images of tables; the model is loaded once.

    Args:
        model: The model.
        columns: Columns of the tables.
    """

    def __init__(self, model: Model, columns: Columns) -> None:
        self._model, self._columns = model, columns

    @cached_property
    def _recognizer(self) -> Any:  # noqa: ANN401 - an import that takes long
        return self._model.load()

    def __call__(self, table: "pa.Table") -> "pa.Table":
        """Return rows: for each face, for an image without faces, with an error for one that can't be read.

        Args:
            table: The images.
        """
        import pyarrow as pa

        recognizer = self._recognizer
        rows, places, errors = [], [], []
        outcomes = recognize_images(recognizer.components, self._items(table))
        for place, outcome in enumerate(outcomes):
            for row in _rows(outcome, recognizer.classes):
                rows.append(row)
                places.append(place)
                errors.append(outcome.message if isinstance(outcome, Failure) else None)
        kept = table.select(self._columns.kept).take(pa.array(places, pa.int64()))
        return with_error(_table(rows, recognizer.classes), errors, kept)

    def _items(self, table: "pa.Table") -> Iterator[ImageItem | Failure]:
        contents = table.column(self._columns.content).to_pylist()
        sources = map(str, table.column(self._columns.source).to_pylist())
        with ThreadPoolExecutor(READERS, "read") as pool:
            yield from pool.map(_item, sources, contents)


def _item(source: str, content: object) -> ImageItem | Failure:
    """Return an image; what an address refers to is read."""
    if isinstance(content, str) and "://" in content:
        try:
            return ImageItem(source, _read(content))
        except Exception as error:  # noqa: BLE001 - file systems raise anything
            return Failure(source, f"{content}: can't be read ({error})")
    if content is None:
        return Failure(source, f"{source}: no image")
    if isinstance(content, list):
        import numpy as np

        return ImageItem(source, np.array(content, np.uint8))
    return ImageItem(source, content)  # type: ignore[arg-type]  # checked where it is decoded


def _read(address: str) -> bytes:
    core = import_optional("fsspec", EXTRA)
    with core.open(address, "rb") as stream:
        content: bytes = read_up_to(stream, MAX_STREAM_BYTES + 1)
    if len(content) > MAX_STREAM_BYTES:
        raise MienError(f"over {MAX_STREAM_BYTES >> 20} MB")
    return content


def _rows(outcome: "Result | Failure", classes: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    if isinstance(outcome, Failure):
        yield escape_name(outcome.source), *[None] * (len(COLUMNS) - 1 + len(classes))
    else:
        yield from rows_of(outcome, classes)


def _table(rows: Sequence[tuple[Cell, ...]], classes: Sequence[str]) -> "pa.Table":
    import pyarrow as pa

    schema = schema_of(columns_of(classes))
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema
    )


def with_error(faces: "pa.Table", errors: Sequence[str | None], kept: "pa.Table") -> "pa.Table":
    """Return faces with the column of errors, and columns of the input of each."""
    import pyarrow as pa

    table = faces.append_column(ERROR, pa.array(errors, pa.string()))
    for field in kept.schema:
        table = table.append_column(field, kept.column(field.name))
    return table
