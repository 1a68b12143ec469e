"""Registries: parts of mien that are found by name, built in or added by an installed package.

A registry is a table from names to `module:attribute` references. Nothing is imported before it is
requested. A package adds an entry by an entry point of the registry's group, in its pyproject.toml:

    [project.entry-points."mien.networks"]
    tiny = "my_package.tiny:Tiny"

Built-in names can't be replaced: the result of a recipe would depend on what else is installed.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mien.errors import MienError
from mien.optional import named_extras

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


class Registry(Generic[T]):
    """Objects of one sort by name, each imported on first use.

    Args:
        group: The group of the entry points that add names, such as "mien.networks".
        builtins: "module:attribute" by name.
        noun: What an entry is called in errors, such as "network".
        error: Raised for unknown names and for plugins that can't be imported.
    """

    def __init__(
        self, group: str, builtins: Mapping[str, str], *, noun: str, error: type[MienError] = MienError
    ) -> None:
        self.group = group
        self.builtins = dict(builtins)
        self.noun = noun
        self.error = error

    def names(self) -> list[str]:
        """Return all names: built-in ones in the order of the table, then those of plugins, sorted.

        Nothing is imported.
        """
        added = {entry.name for entry in _entry_points(self.group)} - set(self.builtins)
        return [*self.builtins, *sorted(added)]

    def __contains__(self, name: object) -> bool:
        return name in self.builtins or name in self.names()

    def get(self, name: str) -> T:
        """Import and return the object called `name`.

        Raises:
            MienError: There is no such name, several packages add it, or its package can't be
                imported. It is of the class that the registry was made with.
            MissingExtraError: A built-in entry needs a package that is not installed.
        """
        if name in self.builtins:
            with named_extras():
                return _load(self.builtins[name])  # type: ignore[no-any-return]
        entries = [entry for entry in _entry_points(self.group) if entry.name == name]
        if not entries:
            raise self.error(self.unknown(name))
        if len(entries) > 1:
            packages = " and ".join(sorted(_package(entry) for entry in entries))
            raise self.error(f"{self.noun} {name!r} is added by {packages}; uninstall one of them")
        return self._loaded(entries[0])

    def plugins(self) -> dict[str, str]:
        """Return the package, with its version, of each name that isn't built in."""
        entries = sorted(_entry_points(self.group), key=lambda entry: entry.name)
        return {entry.name: _package(entry) for entry in entries if entry.name not in self.builtins}

    def unknown(self, name: str) -> str:
        """Return the error message for a name that isn't known."""
        known = self.names()
        return f"no {self.noun} {name!r}{did_you_mean(name, known)}; expected one of {', '.join(known)}"

    def loadable(self) -> Iterator[tuple[str, T]]:
        """Yield each name with its object, leaving out plugins that can't be imported."""
        for name in self.names():
            try:
                yield name, self.get(name)
            except self.error:
                continue

    def _loaded(self, entry: "EntryPoint") -> T:
        try:
            return entry.load()  # type: ignore[no-any-return]
        except Exception as error:  # A plugin's module can raise anything.
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise self.error(
                f"{self.noun} {entry.name!r} of the package {_package(entry)} can't be imported "
                f"({reason}); update or uninstall that package"
            ) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" with the known word most like `word`; "" if none is like it."""
    from difflib import get_close_matches

    matches = get_close_matches(word, list(known), n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""


def _entry_points(group: str) -> "Iterable[EntryPoint]":
    from importlib.metadata import entry_points

    return entry_points(group=group)


def _package(entry: "EntryPoint") -> str:
    """The name and version of the distribution that an entry point comes from."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _load(reference: str) -> Any:  # noqa: ANN401 - whatever the table refers to
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)
