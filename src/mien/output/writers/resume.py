"""What a file of results holds already, so that `--resume` does not do it again."""

from collections.abc import Callable, Iterator
from pathlib import Path

from mien.output.writers.csv_table import read_csv_table
from mien.output.writers.json_array import read_json_array
from mien.output.writers.json_lines import read_json_lines
from mien.output.writers.registry import Kind, parquet_table
from mien.output.writers.written import Written


def read_done(kind: Kind, path: Path) -> dict[str, int | None]:
    """Return the sources in a file, in its order: of videos with the last frame, of pictures with None.

    A result that was being written when the run was killed doesn't count.

    Args:
        kind: The format of the file.
        path: The file; perhaps it isn't there yet.

    Raises:
        MienError: It holds something else.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    return {result.source: result.frame for result in _reader(kind)(path)}


def _reader(kind: Kind) -> Callable[[Path], Iterator[Written]]:
    readers = {"json": read_json_array, "jsonl": read_json_lines, "csv": read_csv_table}
    return readers[kind] if kind != "parquet" else parquet_table().read_parquet
