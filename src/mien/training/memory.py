"""Freed memory is kept for the next batch instead of going back to the system.

A training step on a CPU frees and takes hundreds of megabytes. By default glibc returns them to
the kernel, which hands out zeroed pages again; networks with large maps train and infer twice as
fast without that (`docs/lab-notebook.md`, `benchmarks/training.py`).
"""

import ctypes
import platform

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # malloc.h of glibc
_NEVER = 2**31 - 1
_GROWTH = 64 * 2**20


def keep_freed_memory() -> bool:
    """Tell glibc's allocator to keep what is freed; return whether there is one to tell."""
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    options = {_M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: _NEVER, _M_TOP_PAD: _GROWTH}
    accepted = [libc.mallopt(option, value) == 1 for option, value in options.items()]
    return all(accepted)
