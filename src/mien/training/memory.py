"""Freed memory is kept for the next batch instead of being returned to the system.

A training step on a CPU frees and allocates hundreds of megabytes. By default glibc returns them to
the kernel, which has to clear the pages again; networks with large feature maps are twice as fast
without that (`docs/lab-notebook.md`, `benchmarks/training.py`).
"""

import ctypes
import platform

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # malloc.h of glibc
_NEVER = 2**31 - 1
_GROWTH = 64 * 2**20


def keep_freed_memory() -> bool:
    """Set glibc's allocator to keep freed memory; return whether it was set (False without glibc)."""
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    options = {_M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: _NEVER, _M_TOP_PAD: _GROWTH}
    accepted = [libc.mallopt(option, value) == 1 for option, value in options.items()]
    return all(accepted)
