"""The cache: faces that were read, as arrays that are mapped into memory instead of parsed again.

The key is the content of the source and everything else that decides what a reader returns, so a
changed source has another key. An entry is a folder of arrays and a manifest with its key and the digests of
their files, so nothing is parsed that was not written here. Whatever is wrong with an entry, it is removed,
and the source is read again: it costs time but never gives wrong faces.
"""

import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from mien.data.images import Images
from mien.data.reading import BadRow, Reading
from mien.errors import MienError
from mien.faceset import FaceSet
from mien.files.bounded import read_text
from mien.files.mapped import blocks_of, open_mapped
from mien.files.writing import replacing_folder
from mien.limits import MAX_RECORD_BYTES
from mien.media.archives.members import UNREADABLE, Member
from mien.text import utf8

READER_VERSION: Final = 5
"""Raised whenever a reader would return other faces for the same bytes."""

_ARRAYS: Final = ("images", "labels", "splits", "ids")
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class Key:
    """Everything that decides what a reader returns."""

    content: str
    size: int
    channels: int
    skip_bad: bool
    detector: str = ""
    """Digest of the detector of the faces; empty if each image is a face."""

    @property
    def name(self) -> str:
        """The entry's folder name."""
        parts = [self.content, f"{self.size}x{self.channels}", f"v{READER_VERSION}"]
        return "-".join([*parts, *["skip"] * self.skip_bad, *[self.detector] * bool(self.detector)])


def digest_of_file(path: Path) -> str:
    """Return 32 hexadecimal digits over the bytes of a file."""
    digest = xxhash.xxh3_128()
    with path.open("rb", buffering=0) as stream:
        _update(digest, stream)
    return digest.hexdigest()


def digest_of_members(members: Iterable[Member]) -> str:
    """Return 32 hexadecimal digits over the paths and bytes of the files of a folder."""
    digest = xxhash.xxh3_128()
    for member in members:
        digest.update(utf8(f"{member.path}\0{member.problem}\0{member.size}\0"))
        if not member.problem:
            with suppress(*UNREADABLE), member.open() as stream:  # the reader reports it
                _update(digest, stream)
    return digest.hexdigest()


def digest_of_text(*parts: str) -> str:
    """Return 32 hexadecimal digits over several strings."""
    return xxhash.xxh3_128_hexdigest(utf8("\n".join(parts)))


def read_cached(folder: Path, key: Key) -> Reading | str:
    """Return the entry of `key`, its arrays mapped from disk; or a remark on a damaged one, which is removed.

    The remark is empty if there is no entry.
    """
    entry = folder / key.name
    if not os.path.lexists(entry):
        return ""
    try:
        return _read(entry, key)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with an entry, the source has the faces
        _remove(entry)
        return f"{entry}: damaged faces in the cache ({type(error).__name__}), which were read again"


def write_cached(folder: Path, key: Key, reading: Reading) -> str:
    """Write the entry of `key`. Return an empty string, or a remark on why it can't be written."""
    try:
        with replacing_folder(folder / key.name) as entry:
            _write(entry, key, reading)
    except (MienError, OSError) as error:
        if isinstance(read_cached(folder, key), Reading):
            return ""  # another process was faster
        return f"not cached, the next reading takes as long: {error}"
    return ""


def _read(entry: Path, key: Key) -> Reading:
    manifest = _sealed_manifest(entry / "manifest.json")
    if manifest["key"] != key.name:
        raise ValueError(f"{entry}: an entry of another source")
    arrays: dict[str, Any] = {
        name: _mapped(entry / f"{name}.npy", manifest["digests"][name]) for name in _ARRAYS
    }
    return Reading(
        FaceSet(**arrays, classes=tuple(manifest["classes"])),
        tuple(BadRow(**row) for row in manifest["skipped"]),
        manifest["rows"],
        tuple(manifest["notes"]),
        images=Images(**manifest["images"]),
        numbers=tuple(manifest["numbers"]),
    )


def _write(entry: Path, key: Key, reading: Reading) -> None:
    manifest = {
        "classes": reading.faces.classes,
        "key": key.name,
        "rows": reading.rows,
        "skipped": [asdict(row) for row in reading.skipped],
        "notes": reading.notes,
        "numbers": reading.numbers,
        "images": asdict(reading.images),
        "digests": {
            name: _write_array(entry / f"{name}.npy", getattr(reading.faces, name)) for name in _ARRAYS
        },
    }
    content = utf8(_sealed(json.dumps(manifest)))
    if len(content) > MAX_RECORD_BYTES:
        raise MienError(f"{len(reading.skipped)} skipped rows are too many to store")
    (entry / "manifest.json").write_bytes(content)


def _remove(entry: Path) -> None:
    """Remove an entry, whatever it is, as far as that is possible."""
    with suppress(OSError):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()


def _update(digest: xxhash.xxh3_128, stream: Any) -> None:  # noqa: ANN401 - anything with readinto
    block = memoryview(bytearray(_BLOCK))
    while count := stream.readinto(block):
        digest.update(block[:count])


def _write_array(path: Path, array: NDArray[np.generic]) -> str:
    """Write an array, and return the digest of the file."""
    with path.open("wb") as stream:
        header = np.lib.format.header_data_from_array_1_0(np.empty((0, *array.shape[1:]), array.dtype))
        np.lib.format.write_array_header_1_0(stream, {**header, "shape": array.shape})
        for block in blocks_of(array):
            stream.write(np.ascontiguousarray(block).data)
    return digest_of_file(path)


def _mapped(path: Path, digest: str) -> NDArray[Any]:
    _require_file(path)
    if digest_of_file(path) != digest:
        raise ValueError(f"{path}: not the bytes that were written")
    return open_mapped(path)


def _require_file(path: Path) -> None:
    """Check that a path is that of a file: a pipe would never end."""
    if not path.is_file():
        raise ValueError(f"{path}: not a file")


def _sealed(text: str) -> str:
    """`text` below a line with its digest."""
    return f"{xxhash.xxh3_128_hexdigest(text.encode())}\n{text}"


def _sealed_manifest(path: Path) -> dict[str, Any]:
    _require_file(path)
    text = read_text(path, MAX_RECORD_BYTES)
    _, _, body = text.partition("\n")
    if _sealed(body) != text:
        raise ValueError(f"{path}: not the text that was written")
    manifest: dict[str, Any] = json.loads(body)
    return manifest
