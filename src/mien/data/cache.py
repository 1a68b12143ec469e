"""The cache: faces that were read, as arrays that are mapped into memory instead of parsed again.

The key is the content of the source and everything else that decides what a reader returns, so a
changed source has another key. An entry is a folder of arrays and a manifest with their digests;
the manifest is written last, and an entry whose bytes don't match it is ignored and read again. So a
damaged, incomplete or outdated entry costs time but never gives wrong faces.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import platformdirs
import xxhash
from numpy.typing import NDArray

from mien.data.images import Images
from mien.data.reading import BadRow, Reading
from mien.errors import MienError
from mien.faceset import FaceSet
from mien.files import replacing, write_text
from mien.media.archives.members import UNREADABLE, Member

READER_VERSION: Final = 4
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


def cache_folder() -> Path:
    """Return where entries are kept: `$MIEN_CACHE`, or the user's cache folder."""
    chosen = os.environ.get("MIEN_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("mien")) / "faces"


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
        digest.update(f"{member.path}\0{member.problem}\0{member.size}\0".encode())
        if not member.problem:
            with suppress(*UNREADABLE), member.open() as stream:  # the reader reports it
                _update(digest, stream)
    return digest.hexdigest()


def digest_of_text(*parts: str) -> str:
    """Return 32 hexadecimal digits over several strings."""
    return xxhash.xxh3_128_hexdigest("\n".join(parts).encode())


def read_cached(folder: Path, key: Key) -> Reading | None:
    """Return the entry of `key`, its arrays mapped from disk, or None if there is no valid one."""
    entry = folder / key.name
    try:
        manifest = _sealed_manifest(entry / "manifest.json")
        arrays: dict[str, Any] = {
            name: _mapped(entry / f"{name}.npy", manifest["digests"][name]) for name in _ARRAYS
        }
        faces = FaceSet(**arrays, classes=tuple(manifest["classes"]))
        skipped = tuple(BadRow(**row) for row in manifest["skipped"])
        notes, numbers = tuple(manifest["notes"]), tuple(manifest["numbers"])
        images = Images(**manifest["images"])
        return Reading(faces, skipped, manifest["rows"], notes, images=images, numbers=numbers)
    except (OSError, EOFError, ValueError, KeyError, TypeError, MienError):
        return None


def write_cached(folder: Path, key: Key, reading: Reading) -> str:
    """Write the entry of `key`. Return an empty string, or a remark on why it can't be written."""
    entry = folder / key.name
    try:
        digests = {
            name: _write_array(entry / f"{name}.npy", getattr(reading.faces, name)) for name in _ARRAYS
        }
        manifest = {
            "classes": reading.faces.classes,
            "rows": reading.rows,
            "skipped": [asdict(row) for row in reading.skipped],
            "notes": reading.notes,
            "numbers": reading.numbers,
            "images": asdict(reading.images),
            "digests": digests,
        }
        write_text(entry / "manifest.json", _sealed(json.dumps(manifest)))
    except MienError as error:
        return f"not cached, the next reading takes as long: {error}"
    return ""


def _update(digest: xxhash.xxh3_128, stream: Any) -> None:  # noqa: ANN401 - anything with readinto
    block = memoryview(bytearray(_BLOCK))
    while count := stream.readinto(block):
        digest.update(block[:count])


def _digest_of_array(array: NDArray[np.generic]) -> str:
    digest = xxhash.xxh3_128(f"{array.dtype.str} {array.shape}".encode())
    digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()


def _write_array(path: Path, array: NDArray[np.generic]) -> str:
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.save(stream, array, allow_pickle=False)
    return _digest_of_array(array)


def _mapped(path: Path, digest: str) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    if _digest_of_array(array) != digest:
        raise ValueError(f"{path}: not the bytes that were written")
    return array


def _sealed(text: str) -> str:
    """`text` below a line with its digest."""
    return f"{xxhash.xxh3_128_hexdigest(text.encode())}\n{text}"


def _sealed_manifest(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    _, _, body = text.partition("\n")
    if _sealed(body) != text:
        raise ValueError(f"{path}: not the text that was written")
    manifest: dict[str, Any] = json.loads(body)
    return manifest
