"""Locks of open files, which the system releases when their process dies, however it dies (`flock`).

Windows has no such locks, and can neither move nor remove files that are open: there, nothing is locked.
"""

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def can_lock() -> bool:
    """Return whether the system has such locks."""
    return fcntl is not None


def lock(descriptor: int, *, shared: bool = False) -> bool | None:
    """Lock an open file until it is closed, without waiting.

    Args:
        descriptor: Of the file or folder.
        shared: Other processes may hold a shared lock, too.

    Returns:
        True if it is locked now, False if another process holds a lock, None if the system or the file system
        has no locks.
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
