"""Where results go: `--json` alone means standard output, `--json out.json` and `--json=FILE` a file.

A word after such an option could be an input as well, so it is the option's file only if it ends
like one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mien.errors import MienError

Format = Literal["json", "jsonl", "csv", "parquet"]

SUFFIXES: Final[Mapping[Format, tuple[str, ...]]] = {
    "json": (".json",),
    "jsonl": (".jsonl", ".ndjson"),
    "csv": (".csv",),
    "parquet": (".parquet", ".pq"),
}
"""How the files of each format end."""

STDOUT: Final = "-"

_OPTIONS: Final = {f"--{name}": suffixes for name, suffixes in SUFFIXES.items()}


@dataclass(frozen=True)
class Target:
    """Where results go in one format.

    Attributes:
        kind: The format.
        path: The file, or None for standard output.
    """

    kind: Format
    path: Path | None


def with_values(words: Sequence[str]) -> list[str]:
    """Return the words of a command line with a value for each option that names a format."""
    end = words.index("--") if "--" in words else len(words)
    spelled: list[str] = []
    for word in words[:end]:
        suffixes = _OPTIONS.get(spelled[-1]) if spelled else None
        if suffixes and (word == STDOUT or Path(word).suffix.lower() in suffixes):
            spelled[-1] += f"={word}"
        else:
            spelled.append(word)
    return [f"{word}={STDOUT}" if word in _OPTIONS else word for word in spelled] + list(words[end:])


def targets_of(values: Mapping[Format, str | None]) -> list[Target]:
    """Return where results go.

    Args:
        values: Of each format what was given: a file, "-" for standard output, or nothing.

    Raises:
        MienError: Two formats shall go to the same place.
    """
    targets = [
        Target(kind, None if value == STDOUT else Path(value)) for kind, value in values.items() if value
    ]
    places = [target.path and target.path.absolute() for target in targets]
    for target, place in zip(targets, places, strict=True):
        if places.count(place) > 1:
            where = target.path or "standard output"
            raise MienError(f"{where}: it can take one format only; give the other a file of its own")
    return targets
