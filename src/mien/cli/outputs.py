"""The output options of a command: which formats, and where they go."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from mien.errors import MienError
from mien.files.targets import is_same_file, require_file, require_replaceable

STANDARD_OUTPUT: Final = "-"

DEFAULT_FORMAT: Final = "table"
"""Of standard output, and of devices and named pipes without a known ending."""

RESULT: Final = "a result of mien predict"


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
    targets = [target_of(output, chosen) for output in outputs]
    targets += [Target(name, None) for name in printed]
    if not outputs and (chosen is not None or not printed):
        targets.append(Target(chosen or DEFAULT_FORMAT, None))
    _require_distinct(targets)
    return targets


def target_of(output: str, chosen: str | None = None) -> Target:
    """Return an output, given a value of `--output`.

    Args:
        output: A file, or "-"; /dev/stdout is standard output, too.
        chosen: As in `targets_of`.

    Raises:
        MienError: As `targets_of`, or the file can't be written.
    """
    from mien.output.writers import format_of

    path = Path(output)
    place = None if output == STANDARD_OUTPUT else require_file(path)
    if place is None or place.descriptor == 1:
        return Target(chosen or DEFAULT_FORMAT, None)
    try:
        by_ending = format_of(path)
    except MienError:
        if chosen is None and not place.is_stream:
            raise
        return Target(chosen or DEFAULT_FORMAT, path)
    if chosen not in (None, by_ending):
        raise MienError(
            f"{path}: the ending selects {by_ending}, but the format is {chosen}; change one of them"
        )
    return Target(by_ending, path)


def require_own(targets: Sequence[Target]) -> None:
    """Refuse files that exist and are not results of mien.

    Raises:
        MienError: One is another file.
    """
    from mien.output.writers import WRITERS

    for target in targets:
        if target.path is not None:
            require_replaceable(target.path, WRITERS.get(target.format).is_own, RESULT)


def _require_format(name: str | None) -> None:
    from mien.output.writers import WRITERS

    if name is not None and name not in WRITERS.names():
        raise MienError(WRITERS.unknown(name))


def _require_distinct(targets: Sequence[Target]) -> None:
    if [target.path for target in targets].count(None) > 1:
        raise MienError("standard output: two outputs; write one of them to another file with -o")
    require_distinct([target.path for target in targets if target.path is not None])


def require_distinct(paths: Sequence[Path]) -> None:
    """Refuse two outputs to the same file or folder; /dev/null takes any number.

    Raises:
        MienError: Two are the same.
    """
    for one, other in combinations(paths, 2):
        if is_same_file(one, other) and not is_same_file(one, Path(os.devnull)):
            raise MienError(f"{other}: two outputs; write one of them to another place")
