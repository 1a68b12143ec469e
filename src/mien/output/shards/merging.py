"""Merging: the results of all shards become the file that one run would have written.

First each shard is read and checked; nothing is written before all fit together. Then the results are copied
in the order of their inputs.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np

from mien.errors import MienError, OutputError
from mien.files.targets import is_same_file, require_file, require_replaceable, write_error
from mien.files.writing import as_path, replacing
from mien.output.result_settings import record_settings
from mien.output.shards.index import ShardIndex, index_shard, require_record
from mien.output.writers.base import FormatWriter
from mien.output.writers.registry import WRITERS, format_of, open_writer
from mien.recognition.sharding.record import ShardRecord, record_path
from mien.recognition.sharding.settings import difference
from mien.text import listed

_MOST: Final = 5
"""Most shards that an error names."""

_OPEN: Final = 64
"""Files that are open beside those of the shards."""


@dataclass(frozen=True)
class Merged:
    """What was merged.

    Attributes:
        path: The file.
        shards: Number of shards.
        inputs: Number of inputs of all shards.
        failures: Name and error message of each input that could not be read.
        same_order: Whether all shards listed their inputs in the same order. If not, each input has the
            position that it had in its own shard.
    """

    path: Path
    shards: int
    inputs: int
    failures: tuple[tuple[str, str], ...]
    same_order: bool


def merge_shards(shards: Sequence[str | Path], output: str | Path, *, force: bool = False) -> Merged:
    """Merge the results of all shards into the file that one run without shards would have written.

    Args:
        shards: The result files of all n shards, in any order. The record of each (`<name>.shard`) is beside
            it.
        output: The file, of the same format.
        force: Replace a file that is no result of mien.

    Raises:
        MienError: A shard is missing, there twice, not complete or damaged, or two differ in settings,
            bundle, classes, format or inputs; nothing is written then.
        OutputError: The file can't be written.
    """
    if isinstance(shards, str | bytes | Path) or not isinstance(shards, Sequence) or not shards:
        raise MienError("shards: expected the result files of all shards", expected="a list of files")
    paths = [as_path(one, "shards") for one in shards]
    target = as_path(output, "output")
    _require_distinct(paths, target)
    records = [require_record(path) for path in paths]
    _require_matching(paths, records)
    _require_complete(paths, records)
    _require_target(target, records[0].format, force=force)
    indexes = [index_shard(path, record) for path, record in zip(paths, records, strict=True)]
    _allow_open_files(len(paths) + _OPEN)
    _write(target, sorted(indexes, key=lambda index: index.record.shard))
    with suppress(OSError):
        record_path(target).unlink()
    record_settings(target, records[0].settings)
    failures = [failure for index in indexes for failure in index.record.failures]
    orders = {record.listing.inputs.order for record in records}
    return Merged(
        target, len(paths), records[0].listing.inputs.count, tuple(sorted(failures)), len(orders) == 1
    )


def _require_distinct(paths: Sequence[Path], target: Path) -> None:
    for path in paths:
        if is_same_file(path, target):
            raise MienError(f"{target}: a shard, which the output would replace; choose another file")
    names = [str(path) for path in paths]
    double = next((name for name in names if names.count(name) > 1), None) if len(names) < 10_000 else None
    if double is not None:
        raise MienError(f"{double}: given twice; expected each shard once")


def _require_matching(paths: Sequence[Path], records: Sequence[ShardRecord]) -> None:
    """Refuse shards of which one differs from the first."""
    first = records[0]
    for path, record in zip(paths, records, strict=True):
        for what, one, other in _differences(record, first):
            raise MienError(
                f"{path}: {what} {one}, but {other} in {paths[0]}; shards that differ can't be merged",
                path=path, expected=other,
            )  # fmt: skip


def _differences(record: ShardRecord, first: ShardRecord) -> Iterator[tuple[str, str, str]]:
    """Yield what differs between two shards, and its values."""
    name = difference(record.settings, first.settings)
    inputs, others = record.listing.inputs, first.listing.inputs
    if record.format != first.format:
        yield "the format is", record.format, first.format
    if record.shard.count != first.shard.count:
        yield "one shard of", f"{record.shard.count:,}", f"{first.shard.count:,}"
    if name is not None:
        yield f"{name} is", record.settings.get(name, "unknown"), first.settings.get(name, "unknown")
    if record.classes != first.classes:
        yield "the classes are", ", ".join(record.classes), ", ".join(first.classes)
    if inputs.names != others.names:
        yield "other inputs,", f"{inputs.count:,} of them", f"{others.count:,} of them"


def _require_complete(paths: Sequence[Path], records: Sequence[ShardRecord]) -> None:
    """Refuse shards that are there twice, or not all of them."""
    shards = [record.shard for record in records]
    if len(set(shards)) < len(shards):
        pairs = combinations(range(len(shards)), 2)
        one, other = next((one, other) for one, other in pairs if shards[one] == shards[other])
        raise MienError(f"{paths[other]}: shard {shards[other]}, as {paths[one]}; expected each shard once")
    count = shards[0].count
    missing = sorted(set(range(1, count + 1)) - {shard.number for shard in shards})
    if missing:
        names = listed([f"{number}/{count}" for number in missing], _MOST)
        is_one = len(missing) == 1
        raise MienError(f"shard{'' if is_one else 's'} {names} missing; expected all {count:,}")


def _require_target(target: Path, name: str, *, force: bool) -> None:
    require_file(target, stream=False)
    if format_of(target) != name:
        raise MienError(
            f"{target}: the ending selects {format_of(target)}, but the shards are {name}; change the ending",
            path=target, expected=name,
        )  # fmt: skip
    if not force:
        require_replaceable(target, WRITERS.get(name).is_own, "a result of mien predict")


def _write(target: Path, indexes: Sequence[ShardIndex]) -> None:
    """Write the results of all shards, in the order of their inputs."""
    record = indexes[0].record
    try:
        with (
            replacing(target) as temporary,
            open_writer(record.format, temporary, record.classes) as writer,
        ):
            for content in _contents(writer, indexes):
                writer.write_content(content)
    except OutputError as error:
        cause = error.__cause__
        raise write_error(target, cause if isinstance(cause, OSError) else error) from error


def _contents(writer: FormatWriter, indexes: Sequence[ShardIndex]) -> Iterator[Any]:
    """Yield the contents of all results, ordered by position and shard."""
    positions = np.concatenate([index.positions for index in indexes])
    numbers = np.repeat(np.arange(len(indexes)), [len(index.positions) for index in indexes])
    contents = [
        writer.read_contents(index.path, [int(end) for end in index.ends], index.order) for index in indexes
    ]
    for number in numbers[np.argsort(positions, kind="stable")]:
        yield next(contents[number])


def _allow_open_files(count: int) -> None:
    """Raise the limit of open files of this process, where it is lower and may be raised."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < count:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
