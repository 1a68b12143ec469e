"""What cyclopts can't tell of a command line: options with or without a value, and a lone hyphen.

`--json` alone means standard output, `--json out.json` and `--json=FILE` a file. A word after such an
option could be an input as well, so it is the option's file only if it ends like one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import has_magic
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

HYPHEN: Final = "-"
"""Standard output among the outputs, standard input among the inputs."""

PIPED: Final = "\0"
"""Stands for a hyphen among the inputs, which would be taken for an option; no real word is this."""

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


def spelled_out(words: Sequence[str]) -> list[str]:
    """Return the words of a command line as cyclopts understands them; `words_of_inputs` undoes the rest.

    Raises:
        MienError: The word after such an option is neither its file nor anything that could be read.
    """
    end = words.index("--") if "--" in words else len(words)
    spelled: list[str] = []
    for word in words[:end]:
        suffixes = _OPTIONS.get(spelled[-1]) if spelled else None
        if suffixes and (word == HYPHEN or Path(word).suffix.lower() in suffixes):
            spelled[-1] += f"={word}"
        else:
            if suffixes:
                _refuse_lost(word, spelled[-1])
            spelled.append(PIPED if word == HYPHEN else word)
    return [f"{word}={HYPHEN}" if word in _OPTIONS else word for word in spelled] + list(words[end:])


def _refuse_lost(word: str, option: str) -> None:
    """Raise MienError for a word that was surely meant to be the file of an option."""
    known = word.startswith("-") or word.isdecimal() or ":" in word or has_magic(word)
    if not known and not Path(word).exists():
        raise MienError(f"{word}: no such file or folder; to write there, say {option}={word}")


def words_of_inputs(words: Sequence[str]) -> list[str]:
    """Return inputs as they were typed."""
    return [HYPHEN if word == PIPED else word for word in words]


def targets_of(values: Mapping[Format, str | None]) -> list[Target]:
    """Return where results go.

    Args:
        values: Of each format what was given: a file, "-" for standard output, or nothing.

    Raises:
        MienError: Two formats shall go to the same place.
    """
    targets = [
        Target(kind, None if value == HYPHEN else Path(value)) for kind, value in values.items() if value
    ]
    places = [target.path and target.path.absolute() for target in targets]
    for target, place in zip(targets, places, strict=True):
        if places.count(place) > 1:
            where = target.path or "standard output"
            raise MienError(f"{where}: it can take one format only; give the other a file of its own")
    return targets
