"""Values that the shell completes: names of recipes, bundles, engines, detectors and formats."""

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

MOST_FILES: Final = 1000
"""Files that are offered at most."""


class Context(Protocol):
    """What a completer gets (`cyclopts.completion`)."""

    incomplete: str
    """The word so far."""


Completer = Callable[[Context], list[str]]


def recipes(context: Context) -> list[str]:
    """Return the recipes that ship with mien, and files."""
    from mien.config import list_recipes

    return [*list_recipes(), *_files(context.incomplete)]


def bundles(context: Context) -> list[str]:
    """Return the shipped bundles, and files."""
    from mien.bundles.reading import shipped_names

    return [*shipped_names(), *_files(context.incomplete)]


def registered(registry: str) -> Completer:
    """Return a completer of the names in a registry, "module:attribute"."""

    def names(_: Context) -> list[str]:
        module, attribute = registry.split(":")
        found: Iterable[str] = getattr(import_module(module), attribute).names()
        return list(found)

    return names


def _files(start: str) -> list[str]:
    """Return the paths that begin with a text; those of folders end with a slash."""
    folder, name = os.path.split(start)
    try:
        with os.scandir(Path(folder).expanduser()) as entries:
            found = [entry for entry in islice(entries, MOST_FILES) if entry.name.startswith(name)]
    except OSError:
        return []
    return sorted(start[: len(start) - len(name)] + entry.name + "/" * entry.is_dir() for entry in found)
