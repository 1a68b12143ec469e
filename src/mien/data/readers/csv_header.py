"""The header of a CSV of faces: its columns by name, whatever their order, spelling and delimiter."""

from collections.abc import Sequence

from mien.data.readers.lines import first_line

KNOWN = ("emotion", "pixels", "usage")
"""Columns that are read; others are ignored."""

ALIASES = {
    **dict.fromkeys(("label", "emotions", "expression", "class"), "emotion"),
    **dict.fromkeys(("split", "set"), "usage"),
}
"""Other names of columns, used where the column itself is missing."""

_DELIMITERS = (",", ";", "\t")


def column_names(head: bytes) -> tuple[str, ...]:
    """Return the names of the columns of a CSV in lower case, by their `ALIASES`, given its first bytes."""
    line = first_line(head).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    names = [name.strip().strip('"').strip().lower() for name in line.split(delimiter_of(head))]
    return tuple(ALIASES[name] if name in ALIASES and not _is_named(names, name) else name for name in names)


def repeated_column(head: bytes) -> str | None:
    """Return the name of a column of faces that the header of a CSV has twice; None if there is none."""
    names = column_names(head)
    return next((name for name in KNOWN if "pixels" in names and names.count(name) > 1), None)


def _is_named(names: Sequence[str], alias: str) -> bool:
    """Whether the column itself, or an alias that precedes this one, is there."""
    before = names[: names.index(alias)]
    return ALIASES[alias] in names or any(ALIASES.get(name) == ALIASES[alias] for name in before)


def delimiter_of(head: bytes) -> str:
    """Return the delimiter that separates the most columns of the header."""
    line = first_line(head).decode("utf-8", "replace")
    return max(_DELIMITERS, key=line.count)
