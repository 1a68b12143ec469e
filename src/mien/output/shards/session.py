"""The work on one shard: its record beside each result, one process at a time, and what may be resumed."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mien.errors import MienError
from mien.files.locks import can_lock, lock
from mien.files.targets import place_of, refusing
from mien.output.result_settings import forget_settings
from mien.output.writers.parquet_rows import rows_path
from mien.output.writers.registry import WRITERS
from mien.output.writers.streams import back_up
from mien.recognition.sharding.listing import Listing
from mien.recognition.sharding.record import (
    ShardRecord,
    digest_of,
    read_record,
    record_path,
    write_in_place,
    write_record,
)
from mien.recognition.sharding.settings import difference
from mien.recognition.sharding.shard import Shard
from mien.text import counted

_FORMATS: Final = "csv, jsonl, json or parquet"


@dataclass
class ShardSession:
    """The results of one shard while a process writes them; a context manager.

    Attributes:
        records: The record of each result, by its path.
        is_done: Whether all results were complete before, without failures.
    """

    records: Mapping[Path, ShardRecord]
    is_done: bool = False
    _locks: list[int] = field(default_factory=list)

    @classmethod
    def begin(
        cls,
        targets: Mapping[Path, str],
        shard: Shard,
        classes: Sequence[str],
        settings: Mapping[str, str],
        listing: Listing,
        *,
        resume: bool = False,
    ) -> Self:
        """Lock the results, and write their records. Results that exist become `<name>.before`.

        Args:
            targets: The format of each result, by its path.
            shard: Which part it is.
            classes: Names of the classes.
            settings: All that determines the results.
            listing: The inputs of the shard.
            resume: Continue the results, which must be of the same shard, settings and inputs.

        Raises:
            MienError: Another process writes one of them, or one can't be resumed.
        """
        require_mergeable(targets)
        records = {
            path: ShardRecord(shard, name, tuple(classes), settings, listing)
            for path, name in targets.items()
        }
        session = cls(records)
        try:
            done = [session._begin(path, record, resume=resume) for path, record in records.items()]
        except BaseException:
            session._release()
            raise
        session.is_done = all(done)
        session._release_for_moves()
        return session

    @property
    def emptiness(self) -> str:
        """A line about a shard that has no inputs, or an empty text."""
        for record in self.records.values():
            if not len(record.listing):
                count = record.listing.inputs.count
                return (
                    f"shard {record.shard} has none of the {counted(count, 'input')}; its result is empty "
                    "and complete"
                )
        return ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def complete(self, failures: Sequence[tuple[str, str]]) -> None:
        """Record that each input of the shard has a result, except for those that could not be read.

        Args:
            failures: Name and error message of each of these.
        """
        for path, record in self.records.items():
            done = replace(record, is_complete=True, failures=failures, digest=digest_of(path))
            write_record(path, done)

    def _begin(self, path: Path, record: ShardRecord, *, resume: bool) -> bool:
        """Lock a result and write its record; return whether it is complete without failures."""
        place = record_path(path)
        with refusing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o666)
        self._locks.append(descriptor)
        _lock(descriptor, path)
        if resume and _is_begun(path):
            before = read_record(path) if os.fstat(descriptor).st_size else None
            if before is None:
                self._release_for_moves()
                place.unlink()
                raise MienError(
                    f"{path}: not the result of a shard (there is no {place.name} beside it), so it can't be "
                    "resumed as one; choose another file",
                    path=path,
                )
            _require_same(path, before, record)
            if before.is_complete and before.failures:  # they are tried again
                write_in_place(descriptor, path, record)
            return before.is_complete and not before.failures
        with suppress(FileNotFoundError):
            rows_path(path).unlink()
        forget_settings(path)
        back_up(Path(os.path.realpath(path)))
        write_in_place(descriptor, path, record)
        return False

    def _release_for_moves(self) -> None:
        """Close the records where files that are open can be neither moved nor removed, as on Windows."""
        if not can_lock():
            self._release()

    def _release(self) -> None:
        while self._locks:
            os.close(self._locks.pop())


def require_mergeable(targets: Mapping[Path, str]) -> None:
    """Refuse results that could not be merged.

    Raises:
        MienError: There is none, or one is a stream or of another format.
    """
    if not targets:
        raise MienError(
            f"a shard needs an output file ({_FORMATS}), such as faces-1.csv", expected="an output file"
        )
    for path, name in targets.items():
        if place_of(path).is_stream or not WRITERS.get(name).mergeable:
            raise MienError(
                f"{path}: not a file that can be merged; the result of a shard is a file of {_FORMATS}",
                path=path, expected=_FORMATS,
            )  # fmt: skip


def forget_record(path: Path, *, resume: bool) -> None:
    """Remove the record of a result that is replaced by one that is no shard.

    Raises:
        MienError: It would be resumed, without its shard.
    """
    if resume and (record := read_record(path)) is not None:
        raise MienError(
            f"{path}: the result of shard {record.shard}; to resume it, pass shard={record.shard}, or "
            "choose another file",
            path=path,
        )
    if not resume:
        with suppress(OSError):
            record_path(path).unlink()


def _is_begun(path: Path) -> bool:
    """Return whether there are results, complete or not."""
    return any(one.exists() and one.stat().st_size for one in (path, rows_path(path), record_path(path)))


def _lock(descriptor: int, path: Path) -> None:
    """Lock a record until the process ends.

    Raises:
        MienError: Another process has locked it.
    """
    if lock(descriptor) is False:
        raise MienError(
            f"{path}: another process is writing this shard; wait for it, or choose another file", path=path
        )


def _require_same(path: Path, before: ShardRecord, now: ShardRecord) -> None:
    """Refuse to resume a result of another shard, other settings or other inputs."""
    if before.shard != now.shard:
        raise MienError(
            f"{path}: the result of shard {before.shard}, not {now.shard}; choose another file", path=path
        )
    name = difference(before.settings, now.settings)
    if name is not None or before.classes != now.classes:
        name = name or "classes"
        raise MienError(
            f"{path}: {name} was {before.settings.get(name, 'unknown')} when this shard was begun, now it is "
            f"{now.settings.get(name, 'unknown')}; resume it with the same settings, or start it again",
            path=path,
        )
    if before.listing.inputs != now.listing.inputs:
        old, new = before.listing.inputs, now.listing.inputs
        what = "are in another order" if old.names == new.names else "are other ones"
        raise MienError(
            f"{path}: the inputs {what} than when this shard was begun ({old.count:,} then, {new.count:,} "
            "now); restore them, or start all shards again",
            path=path,
        )
