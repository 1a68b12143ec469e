"""The record of a shard: a file beside its result that says what the result consists of.

It is written before the work, and again when the shard is complete. Merging and resuming compare it with
those of other shards and with the command. Its format: one line of JSON, a digest, then positions and hashes
of the inputs of the shard as little-endian uint64.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import xxhash

from mien.errors import MienError
from mien.files.identify import SHARD_START
from mien.files.json_fields import Key, count, exactly, flag, items, read_fields, text, texts_by_name
from mien.files.names import fitting_name
from mien.files.targets import writing
from mien.files.writing import write_bytes
from mien.recognition.sharding.listing import InputDigests, Listing
from mien.recognition.sharding.shard import Shard
from mien.text import utf8

ENDING: Final = ".shard"
"""Ending of the record, after the name of the result."""

VERSION: Final = 1

_ENTRY: Final = np.dtype("<u8")
_MAX_HEADER: Final = 1 << 30
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class ShardRecord:
    """What the result of a shard consists of.

    Attributes:
        shard: Its number, of how many.
        format: Name of the format of the result.
        classes: Names of the classes.
        settings: All that determines the results, by name, as texts.
        listing: The inputs of the shard, and digests of all inputs.
        is_complete: Whether each input has been processed.
        failures: Name and error message of each input that could not be read.
        digest: Of the complete result file.
    """

    shard: Shard
    format: str
    classes: tuple[str, ...]
    settings: Mapping[str, str]
    listing: Listing
    is_complete: bool = False
    failures: Sequence[tuple[str, str]] = ()
    digest: str = ""

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        payload = b"".join(
            column.astype(_ENTRY).tobytes() for column in (self.listing.positions, self.listing.hashes)
        )
        header = {
            "mien_shard": VERSION, "shard": str(self.shard), "format": self.format,
            "classes": list(self.classes), "settings": dict(self.settings),
            "inputs": asdict(self.listing.inputs), "sources": len(self.listing),
            "complete": self.is_complete, "digest": self.digest,
            "failures": [list(failure) for failure in self.failures],
        }  # fmt: skip
        head = utf8(json.dumps(header, ensure_ascii=False))
        return head + b"\n" + xxhash.xxh3_128_digest(head + payload) + payload


def record_path(result: Path) -> Path:
    """Return the path of the record of a result."""
    return result.with_name(fitting_name(result.name, ENDING))


def write_record(result: Path, record: ShardRecord) -> None:
    """Write the record of a result atomically."""
    write_bytes(record_path(result), record.encode())


def digest_of(result: Path) -> str:
    """Return a digest of a file of any size; empty if there is none."""
    if not result.exists():
        return ""
    digest = xxhash.xxh3_128()
    with result.open("rb") as stream:
        while content := stream.read(_PIECE):
            digest.update(content)
    return digest.hexdigest()


def write_in_place(descriptor: int, result: Path, record: ShardRecord) -> None:
    """Write the record into its file, which is open and locked; damage by a kill is found when it is read."""
    with writing(record_path(result)):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        with os.fdopen(descriptor, "wb", closefd=False) as stream:  # binary on Windows, too
            stream.write(record.encode())
        os.fsync(descriptor)


def read_record(result: Path) -> ShardRecord | None:
    """Return the record of a result, or None if there is none.

    Raises:
        MienError: It is damaged, of another version, or can't be read.
    """
    path = record_path(result)
    try:
        with path.open("rb") as stream:
            head = stream.readline(_MAX_HEADER)
            digest, payload = stream.read(16), stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MienError(f"{path}: can't be read ({error.strerror})", path=path) from error
    head = head.removesuffix(b"\n")
    if not head.startswith(SHARD_START) or xxhash.xxh3_128_digest(head + payload) != digest:
        raise MienError(
            f"{path}: not the record of a shard, or damaged; run the shard again without resume=True",
            path=path,
        )
    try:
        return _record_of(json.loads(head), payload)
    except (MienError, ValueError, RecursionError) as error:
        raise MienError(
            f"{path}: the record of a shard of another version of mien; run the shard again", path=path
        ) from error


def _record_of(header: Any, payload: bytes) -> ShardRecord:  # noqa: ANN401 - any JSON
    fields = read_fields(header, _HEADER, "the record of a shard")
    inputs = InputDigests(**read_fields(fields["inputs"], _INPUTS, "inputs"))
    positions, hashes = np.frombuffer(payload, _ENTRY).reshape(2, fields["sources"])
    return ShardRecord(
        Shard.parse(fields["shard"]), fields["format"], tuple(fields["classes"]), fields["settings"],
        Listing(inputs, positions, hashes), fields["complete"], fields["failures"], fields["digest"],
    )  # fmt: skip


def _pairs(value: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any JSON
    return [(text(name), text(message)) for name, message in items(value)]


_HEADER: Final = {
    "mien_shard": Key(exactly(VERSION), f"{VERSION}"),
    "shard": Key(text, "NUMBER/COUNT"),
    "format": Key(text, "the name of a format"),
    "classes": Key(lambda value: list(map(text, items(value))), "names of classes"),
    "settings": Key(texts_by_name, "texts by name"),
    "inputs": Key(lambda value: value, "digests"),
    "sources": Key(count, "a number of inputs"),
    "complete": Key(flag, "true or false"),
    "digest": Key(text, "a digest"),
    "failures": Key(_pairs, "names and messages"),
}
_INPUTS: Final = {
    "count": Key(count, "a number of inputs"),
    "names": Key(text, "a digest"),
    "order": Key(text, "a digest"),
}
