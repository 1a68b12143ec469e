"""The index of a shard: where each result is in its file, and which input it belongs to, all checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.output.writers.base import WrittenResult
from mien.output.writers.registry import WRITERS
from mien.recognition.sharding.record import ShardRecord, digest_of, read_record, record_path
from mien.recognition.sharding.shard import hash_of
from mien.text import counted


@dataclass(frozen=True, eq=False)
class ShardIndex:
    """A complete shard, with r results.

    Attributes:
        path: The file of its results.
        record: What it consists of.
        positions: uint64 (r,), the position of the input of each result among all inputs.
        ends: uint64 (r,), where each result ends in the file.
    """

    path: Path
    record: ShardRecord
    positions: NDArray[np.uint64]
    ends: NDArray[np.uint64]

    @property
    def order(self) -> list[int]:
        """Numbers of the results, in the order of the inputs: an input that failed at first comes late."""
        return list(map(int, np.argsort(self.positions, kind="stable")))


def require_record(path: Path) -> ShardRecord:
    """Return the record of a complete shard.

    Raises:
        MienError: There is none, or the shard is not complete.
    """
    record = read_record(path)
    if record is None:
        name = record_path(path).name
        missing = "no such file" if not path.exists() else f"no {name} beside it, which says what it holds"
        raise MienError(f"{path}: {missing}; expected the result of a shard, with its record", path=path)
    if not record.is_complete:
        raise MienError(
            f"{path}: shard {record.shard} is not complete; run its command again with resume=True", path=path
        )
    return record


def index_shard(path: Path, record: ShardRecord) -> ShardIndex:
    """Read the results of a shard, and check that each input has its own.

    Raises:
        MienError: The file lacks a result, has one too many, or has other classes.
    """
    if not path.exists():
        raise MienError(
            f"{path}: no such file, but its record {record_path(path).name} is there; copy both", path=path
        )
    if digest_of(path) != record.digest:
        raise MienError(
            f"{path}: changed after shard {record.shard} was complete; restore it or run the shard again",
            path=path,
        )
    inputs = _Inputs(path, record)
    positions, ends = [], []
    for result in _results(path, record):
        positions.append(inputs.position_of(result))
        ends.append(result.end)
    inputs.require_all()
    return ShardIndex(path, record, np.array(positions, np.uint64), np.array(ends, np.uint64))


def _results(path: Path, record: ShardRecord) -> Iterator[WrittenResult]:
    """Yield the results of a file; the rows of a face are one result."""
    written = WRITERS.get(record.format).read_written(path)
    for _, rows in groupby(written, lambda result: (result.source, result.frame)):
        *_, last = rows
        if last.classes not in (None, record.classes):
            raise MienError(f"{path}: classes other than those of its record; run the shard again", path=path)
        yield last


class _Inputs:
    """The inputs of a shard, and which of them have results."""

    def __init__(self, path: Path, record: ShardRecord) -> None:
        self._path, self._record = path, record
        hashes = record.listing.hashes
        self._by_hash = np.argsort(hashes, kind="stable")
        self._sorted = hashes[self._by_hash]
        self._seen = np.zeros(len(hashes), bool)
        self._last: tuple[str, int] | None = None

    def position_of(self, result: WrittenResult) -> int:
        """Return the position of the input of a result.

        Raises:
            MienError: It is no input of the shard, or has a result already.
        """
        if self._last is not None and result.source == self._last[0] and result.frame is not None:
            return self._last[1]  # the next frame of a video
        key = np.uint64(hash_of(result.source))
        at = int(np.searchsorted(self._sorted, key))
        if at == len(self._sorted) or self._sorted[at] != key:
            raise self._changed(f"has a result of {result.source}, which is no input of shard")
        number = int(self._by_hash[at])
        if self._seen[number]:
            raise self._changed(f"has two results of {result.source} in shard")
        self._seen[number] = True
        position = int(self._record.listing.positions[number])
        self._last = result.source, position
        return position

    def require_all(self) -> None:
        """Raise MienError unless each input has a result or could not be read."""
        failed = np.array([hash_of(name) for name, _ in self._record.failures], np.uint64)
        hashes = self._record.listing.hashes
        missing = int((~self._seen & ~np.isin(hashes, failed)).sum())
        if missing:
            raise self._changed(
                f"lacks the results of {missing:,} of {counted(len(hashes), 'input')} of shard"
            )

    def _changed(self, problem: str) -> MienError:
        return MienError(
            f"{self._path}: {problem} {self._record.shard}; run the shard again",
            path=self._path,
        )
