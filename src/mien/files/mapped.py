"""Arrays that are mapped from files, and don't stay in memory: the system reads and writes their pages."""

import io
import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

MAPPED_BYTES: Final = 256 << 20
"""Larger arrays of faces are in files, four times FER2013."""

BLOCK_BYTES: Final = 1 << 23
"""Bytes that are read at a time."""


def open_mapped(path: Path) -> NDArray[Any]:
    """Return the array of an `.npy` file, read-only and mapped into memory.

    Raises:
        OSError, ValueError: It is missing or no such file.
    """
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    return array


def npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, "np.dtype[Any]"]:
    """Return shape, order (whether by columns) and type of an `.npy` file; the stream is at its values then.

    Raises:
        ValueError: It is no such file, or its header is too long.
    """
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, in_columns, dtype = read(stream)
    return shape, in_columns, dtype


def mapped_stream(stream: IO[bytes]) -> NDArray[Any] | None:
    """Return the large array of an open `.npy` file, mapped; None if it is small or not a file on disk.

    The stream is at its beginning then. The header was checked already.
    """
    if not isinstance(stream, io.BufferedReader) or not isinstance(stream.raw, io.FileIO):
        return None
    shape, in_columns, dtype = npy_header(stream)
    offset = stream.tell()
    stream.seek(0)
    if in_columns or int(np.prod(shape)) * dtype.itemsize <= MAPPED_BYTES:
        return None
    array: NDArray[Any] = np.memmap(stream, dtype, "r", offset, shape).view(np.ndarray)
    return array


def mapped_file(array: NDArray[Any]) -> Path | None:
    """Return the `.npy` file from which a whole array is mapped, or None if it is in memory or a part."""
    source = _memmap_of(array)
    if source is None or source.filename is None:
        return None
    whole = array.shape == source.shape and array.dtype == source.dtype and array.strides == source.strides
    same = array.ctypes.data == source.ctypes.data
    path = Path(source.filename)
    is_same = whole and same and array.flags.c_contiguous
    return path if is_same and path.suffix == ".npy" and path.is_file() else None


def empty_array(shape: tuple[int, ...], dtype: type = np.uint8) -> NDArray[Any]:
    """Return a new array with undefined values; a large one is mapped from a temporary file without a name.

    It is in memory if there is no room for the file.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size > MAPPED_BYTES and hasattr(os, "posix_fallocate"):
        with suppress(OSError), tempfile.TemporaryFile(dir=_folder()) as stream:
            os.posix_fallocate(stream.fileno(), 0, size)  # or a full disk would end the process later
            array: NDArray[Any] = np.memmap(stream, dtype, "r+", shape=shape).view(np.ndarray)
            return array
    return np.empty(shape, dtype)


def taken(array: NDArray[Any], index: NDArray[Any]) -> NDArray[Any]:
    """Return rows of an array; many rows of a mapped array are in a file, too.

    Args:
        array: (n, ...).
        index: Positions, int (m,), or a mask, bool (n,).

    Returns:
        (m, ...), a copy.
    """
    if _memmap_of(array) is None or array.nbytes <= MAPPED_BYTES:
        small: NDArray[Any] = array[index]
        return small
    places = np.flatnonzero(index) if index.dtype == np.bool_ else index
    found = empty_array((len(places), *array.shape[1:]), array.dtype.type)
    step = max(1, BLOCK_BYTES // array[:1].nbytes)
    for start in range(0, len(places), step):
        found[start : start + step] = array[places[start : start + step]]
        release(array)
        release(found)
    return found


def blocks_of(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield an array (n, ...) in parts of consecutive rows.

    The parts of a mapped array leave the memory after use.
    """
    rows = max(1, BLOCK_BYTES // max(1, array[:1].nbytes))
    for start in range(0, len(array), rows):
        yield array[start : start + rows]
        release(array)


def release(array: NDArray[Any]) -> None:
    """Let the pages of a mapped array leave the memory of the process; they stay in the system's cache."""
    source = _memmap_of(array)
    if source is None or source.mode == "c":  # pages that were changed in memory only
        return
    pages = getattr(source, "_mmap", None)
    if pages is not None and hasattr(mmap, "MADV_DONTNEED"):
        with suppress(OSError, ValueError):
            pages.madvise(mmap.MADV_DONTNEED)


def _folder() -> str:
    """Return where temporary files are on a disk: the usual folder is in memory on some systems."""
    usual = tempfile.gettempdir()
    on_disk = "/var/tmp"  # noqa: S108 - a file without a name there
    return on_disk if "TMPDIR" not in os.environ and os.access(on_disk, os.W_OK) else usual


def _memmap_of(array: Any) -> "np.memmap[Any, Any] | None":  # noqa: ANN401 - a base of an array
    """Return the memory map that an array is a view of."""
    found = None
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            found = array
        array = array.base
    return found
