"""Arrays that are mapped from files of numpy, read in blocks that don't stay in memory."""

import mmap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES: Final = 1 << 23
"""Bytes that are read at a time."""


def open_mapped(path: Path) -> NDArray[Any]:
    """Return the array of an `.npy` file, read-only and mapped into memory.

    Raises:
        OSError, ValueError: It is missing or no such file.
    """
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
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


def blocks_of(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield an array in parts of consecutive rows; those of a mapped one leave the memory afterwards."""
    rows = max(1, BLOCK_BYTES // max(1, array[:1].nbytes))
    for start in range(0, len(array), rows):
        yield array[start : start + rows]
        release(array)


def release(array: NDArray[Any]) -> None:
    """Let the pages of a mapped array leave the memory of the process; they stay in the system's cache."""
    source = _memmap_of(array)
    pages = None if source is None else getattr(source, "_mmap", None)
    if pages is not None and hasattr(mmap, "MADV_DONTNEED"):
        with suppress(OSError, ValueError):
            pages.madvise(mmap.MADV_DONTNEED)


def _memmap_of(array: Any) -> "np.memmap[Any, Any] | None":  # noqa: ANN401 - a base of an array
    """Return the memory map that an array is a view of."""
    found = None
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            found = array
        array = array.base
    return found
