"""The files of ONNX Runtime Web, in one version: from a folder, an npm archive, or the registry of npm."""

import hashlib
import io
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mien.errors import MienError
from mien.files.bounded import read_address, read_bytes, read_up_to
from mien.files.caches import cache_folder
from mien.files.writing import write_bytes

VERSION: Final = "1.27.0"

SOURCE: Final = f"https://registry.npmjs.org/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"

DIGESTS: Final[Mapping[str, str]] = {
    "ort.wasm.min.mjs": "9608e98a3fba9716f0cbd0bca0c94808b71dae2e9265ca3fe742ddc393a53ebc",
    "ort-wasm-simd-threaded.mjs": "0a1e718d99c41b22c21f2520ff4f9e883a6b5533856e398d21816ee8eb8185d3",
    "ort-wasm-simd-threaded.wasm": "d1ab1b94b16a65b29d710d0b587b29e7bed336827577623913479b8afe8113e6",
}
"""SHA-256 of each file that a site needs: the WebAssembly backend alone."""

MAX_FILE_BYTES: Final = 32 << 20
MAX_ARCHIVE_BYTES: Final = 64 << 20
"""The archive of version 1.27.0 has 31 MB."""

CACHE: Final = f"onnxruntime-web/{VERSION}"
"""The cache of downloaded files."""

TIMEOUT: Final = 30.0
"""Seconds that the registry may take for the next bytes."""

_BY_HAND: Final = f"download {SOURCE} and pass it as ort=..."
_FOLDERS: Final = ("", "dist", "package/dist", "node_modules/onnxruntime-web/dist")

Notice = Callable[[str], None]


def runtime_files(source: Path | None, *, offline: bool, notice: Notice) -> dict[str, bytes]:
    """Return the contents of the files by their names.

    Args:
        source: A folder with the files, such as the unpacked package, or the archive of the package, a .tgz
            file; by default the cache, or a download into it.
        offline: Download nothing.
        notice: Called with a line about a download.

    Raises:
        MienError: A file is missing or has another digest, or nothing can be downloaded.
    """
    if source is None:
        return _cached() or _downloaded(offline=offline, notice=notice)
    try:
        found = _in_folder(source) if source.is_dir() else _in_archive(read_bytes(source, MAX_ARCHIVE_BYTES))
    except (OSError, tarfile.TarError, EOFError) as error:
        reason = getattr(error, "strerror", None) or "not an archive of a package, a .tgz file"
        raise MienError(
            f"{source}: can't read ONNX Runtime Web ({reason}); {_BY_HAND}", path=source
        ) from error
    return _verified(found, str(source))


def _cached() -> dict[str, bytes] | None:
    try:
        found = _in_folder(cache_folder(CACHE))
    except OSError:
        return None
    return found if _problem(found) is None else None


def _in_folder(folder: Path) -> dict[str, bytes]:
    """Return the files that are in the folder, or where the package has them."""
    first = next(iter(DIGESTS))
    below = next((folder / name for name in _FOLDERS if (folder / name / first).is_file()), folder)
    return {name: read_bytes(below / name, MAX_FILE_BYTES) for name in DIGESTS if (below / name).is_file()}


def _in_archive(content: bytes) -> dict[str, bytes]:
    """Return the files of the archive of the package."""
    found = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for member in archive:
                name = member.name.removeprefix("package/dist/")
                if name in DIGESTS and member.isfile() and (stream := archive.extractfile(member)):
                    found[name] = read_up_to(stream, MAX_FILE_BYTES)
    except (ValueError, zlib.error) as error:  # tarfile lets some of them pass
        raise tarfile.ReadError(str(error)) from error
    return found


def _verified(found: dict[str, bytes], source: str) -> dict[str, bytes]:
    if (problem := _problem(found)) is not None:
        raise MienError(
            f"{source}: {problem}; {_BY_HAND}", path=source, expected=f"onnxruntime-web {VERSION}"
        )
    return found


def _problem(found: Mapping[str, bytes]) -> str | None:
    """Return what is wrong with the files, or None."""
    for name, digest in DIGESTS.items():
        if name not in found:
            return f"no {name}, expected the files of onnxruntime-web {VERSION}"
        if hashlib.sha256(found[name]).hexdigest() != digest:
            return f"{name} is not that of onnxruntime-web {VERSION} (its SHA-256 differs)"
    return None


def _downloaded(*, offline: bool, notice: Notice) -> dict[str, bytes]:
    """Download the package, and keep its files if that is possible."""
    if offline:
        raise MienError(f"no ONNX Runtime Web {VERSION} in {cache_folder(CACHE)}, and offline; {_BY_HAND}")
    notice(f"downloading ONNX Runtime Web {VERSION} (31 MB, MIT license) from {SOURCE}")
    try:
        found = _in_archive(read_address(SOURCE, MAX_ARCHIVE_BYTES, TIMEOUT))
    except (OSError, tarfile.TarError, EOFError) as error:
        raise MienError(f"{SOURCE}: can't be downloaded ({error}); {_BY_HAND}") from error
    verified = _verified(found, SOURCE)
    try:
        for name, content in verified.items():
            write_bytes(cache_folder(CACHE) / name, content)
    except MienError as error:
        notice(f"it will be downloaded again: {error}")
    return verified
