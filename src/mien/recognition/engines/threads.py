"""The number of threads of an engine."""

from mien.bundles.onnx_session import usable_cores
from mien.errors import MienError


def thread_count(threads: int | None) -> int:
    """Return `threads`, or the number of cores that this process may use for None.

    Raises:
        MienError: It is less than one.
    """
    if threads is not None and threads < 1:
        raise MienError(f"threads: expected 1 or more, got {threads}; leave it out to use every core")
    return threads or usable_cores()
