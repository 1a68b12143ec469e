"""The output options of a command: which formats, and where they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mien.errors import MienError

STANDARD_OUTPUT: Final = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Names of standard output; opened as a file, the devices would truncate what it is redirected to."""

DEFAULT_FORMAT: Final = "table"


@dataclass(frozen=True)
class Target:
    """An output.

    Attributes:
        format: Name of its format.
        path: The file, or None for standard output.
    """

    format: str
    path: Path | None


def targets_of(outputs: Sequence[str], chosen: str | None, printed: Sequence[str] = ()) -> list[Target]:
    """Return the outputs of a command; a table on standard output if none is requested.

    Args:
        outputs: Values of `--output`: files, whose ending selects the format, and "-".
        chosen: Value of `--format`: the format of standard output and of files without a known ending.
        printed: Formats that a flag such as `--json` sends to standard output.

    Raises:
        MienError: There is no such format, an ending is unknown or contradicts `chosen`, or two
            formats have the same target.
    """
    _require_format(chosen)
    targets = [_target(output, chosen) for output in outputs]
    targets += [Target(name, None) for name in printed]
    if not outputs and (chosen is not None or not printed):
        targets.append(Target(chosen or DEFAULT_FORMAT, None))
    _require_distinct(targets)
    return targets


def _target(output: str, chosen: str | None) -> Target:
    from mien.output.writers import format_of

    if output in STANDARD_OUTPUT:
        return Target(chosen or DEFAULT_FORMAT, None)
    path = Path(output)
    try:
        by_ending = format_of(path)
    except MienError:
        if chosen is None:
            raise
        return Target(chosen, path)
    if chosen not in (None, by_ending):
        raise MienError(
            f"{path}: the ending selects {by_ending}, but the format is {chosen}; change one of them"
        )
    return Target(by_ending, path)


def _require_format(name: str | None) -> None:
    from mien.output.writers import WRITERS

    if name is not None and name not in WRITERS.names():
        raise MienError(WRITERS.unknown(name))


def _require_distinct(targets: Sequence[Target]) -> None:
    paths = [target.path and target.path.absolute() for target in targets]
    for target, path in zip(targets, paths, strict=True):
        if paths.count(path) > 1:
            where = target.path or "standard output"
            raise MienError(f"{where}: two outputs; write one of them to another file with -o")
