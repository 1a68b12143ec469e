"""No command overwrites its own inputs."""

from collections.abc import Callable, Iterable
from pathlib import Path

from mien.errors import MienError


def refuse_overwriting(outputs: Iterable[Path | None], is_input: Callable[[Path], bool]) -> None:
    """Refuse outputs that would overwrite an input.

    Args:
        outputs: Files that will be written; None for those that were not requested.
        is_input: Returns whether a path is one of the inputs.

    Raises:
        MienError: One of the outputs is an input.
    """
    for output in outputs:
        if output is not None and is_input(output):
            raise MienError(f"{output}: this is an input; write the output to another file")
