"""No command replaces what it is told to read."""

from collections.abc import Callable, Iterable
from pathlib import Path

from mien.errors import MienError


def refuse_overwriting(outputs: Iterable[Path | None], is_read: Callable[[Path], bool]) -> None:
    """Refuse outputs that would replace what is to be read.

    Args:
        outputs: Files that will be written; None stands for those that were not asked for.
        is_read: Whether a path is that of something that is to be read.

    Raises:
        MienError: One of them would.
    """
    for output in outputs:
        if output is not None and is_read(output):
            raise MienError(f"{output}: this is what is to be read; write the results somewhere else")
