"""The formats by their names, as the command line calls them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

from mien.errors import MienError, MissingExtraError
from mien.output.writers.base import Writer
from mien.output.writers.csv_table import CsvWriter
from mien.output.writers.json_array import JsonWriter
from mien.output.writers.json_lines import JsonLinesWriter

Kind = Literal["json", "jsonl", "csv", "parquet"]

_TEXTS: Final[Mapping[str, Callable[..., Writer]]] = {
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
    "csv": CsvWriter,
}


def open_writer(kind: Kind, target: Path | None, classes: Sequence[str], *, resume: bool) -> Writer:
    """Return the writer of a format; enter it to begin.

    Text formats grow in place and are whole after each result, so that a run that was ended by
    Ctrl-C or killed can be resumed. A file that is there is replaced: what was in it is kept
    as `<name>.before` until the new run has ended well.

    Args:
        kind: The format.
        target: A file, or None for standard output.
        classes: Of the bundle.
        resume: Add to the file instead, after what is whole in it; nothing need be there.

    Raises:
        MienError: The file to resume holds something else, or other classes; or there is no file.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    if resume and target is None:
        raise MienError("standard output can't be resumed; write to a file")
    opened: Callable[..., Writer] = _TEXTS[kind] if kind != "parquet" else parquet_table().ParquetWriter
    return opened(target, tuple(classes), resume=resume)


def parquet_table() -> ModuleType:
    """Return the module of Parquet, whose library is an extra and slow to import."""
    try:
        from mien.output.writers import parquet_table as module
    except ModuleNotFoundError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
    return module
