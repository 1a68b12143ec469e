"""The output formats by name and by file name ending.

A package adds a format by an entry point of the group `mien.writers`, whose name is the name of the
format and whose value is a subclass of `FormatWriter`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from mien.errors import MienError
from mien.output.writers.base import FormatWriter
from mien.registry import Registry

WRITERS: Final[Registry[type[FormatWriter]]] = Registry(
    "mien.writers",
    {
        "json": "mien.output.writers.json_array:JsonWriter",
        "jsonl": "mien.output.writers.json_lines:JsonLinesWriter",
        "csv": "mien.output.writers.csv_table:CsvWriter",
        "parquet": "mien.output.writers.parquet_table:ParquetWriter",
        "table": "mien.output.writers.table:TableWriter",
        "crops": "mien.output.writers.crops:CropsWriter",
    },
    noun="output format",
)


def open_writer(
    name: str, target: Path | None, classes: Sequence[str], *, resume: bool = False, kept: bool = False
) -> FormatWriter:
    """Return a writer; enter it to open the output.

    Text formats grow in place and are complete after each result, so that a run that was interrupted
    or killed can be resumed. An existing file is replaced: its content is kept as `<name>.before`
    until the new run has completed.

    Args:
        name: A format of `WRITERS`.
        target: A file, or None for standard output.
        classes: Names of the classes, in the order of a face's probabilities.
        resume: Continue after the last complete result of the file, which need not exist.
        kept: Results so far survive a process that is killed, also in formats that are readable only at the
            end.

    Raises:
        MienError: There is no such format; or the file to resume was not written by it, or has other
            classes; or `target` is standard output, which can't be resumed.
        MissingExtraError: The format needs a package that is not installed.
    """
    writer = WRITERS.get(name)
    if not _is_format(writer):
        raise MienError(
            f"output format {name!r}: expected a subclass of mien.output.writers.FormatWriter, "
            f"found {writer!r}"
        )
    if resume and target is None:
        raise MienError("standard output can't be resumed; write to a file")
    return (writer.kept() if kept else writer)(target, tuple(classes), resume=resume)


def format_of(path: Path) -> str:
    """Return the name of the format that a file name ending selects.

    Raises:
        MienError: No format has this ending.
    """
    ending = path.suffix.lower()
    known: list[str] = []
    for name, endings in _endings(ending.removeprefix(".")):
        if ending in endings:
            return name
        known += endings
    expected = ", ".join(known)
    raise MienError(
        f"{path}: no output format has the ending {ending!r}; expected one of {expected}",
        path=path, expected=expected,
    )  # fmt: skip


def _endings(first: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each format and its endings, beginning with the one called `first`: others are not imported."""
    if first in WRITERS.builtins:
        yield first, WRITERS.get(first).endings
    for name, writer in WRITERS.loadable():
        if _is_format(writer):
            yield name, writer.endings


def _is_format(writer: object) -> bool:
    """Return whether an entry point refers to what it should."""
    return isinstance(writer, type) and issubclass(writer, FormatWriter)
