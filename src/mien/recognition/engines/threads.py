"""How many threads an engine uses unless told."""

from mien.bundles.onnx_session import usable_cores
from mien.errors import MienError


def thread_count(wanted: int | None) -> int:
    """Return `wanted`, or how many cores this process may use where it is None.

    Raises:
        MienError: It is less than one.
    """
    if wanted is not None and wanted < 1:
        raise MienError(f"threads: at least 1 is needed, {wanted} was given; leave it out to use every core")
    return wanted or usable_cores()
