"""How many threads an engine uses unless told."""

import os

from mien.errors import MienError


def thread_count(wanted: int | None) -> int:
    """Return `wanted`, or how many cores this process may use where it is None.

    Raises:
        MienError: It is less than one.
    """
    if wanted is not None and wanted < 1:
        raise MienError(f"threads: at least 1 is needed, {wanted} was given; leave it out to use every core")
    return wanted or _usable_cores()


def _usable_cores() -> int:
    """In a container or under taskset that is fewer than the machine has, where the system tells."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
