"""Types of `mien` in the signatures of documented names, so that the reference has those, too.

It needs Griffe, the parser of mkdocstrings, and reads the source without importing it.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import griffe


def types_by_page(pages: Mapping[str, Sequence[str]], source: Path) -> dict[str, list[str]]:
    """Return the paths of the types that each page documents besides its names.

    A type is added to the first page that has a signature with it; those of its own methods count, too.
    Types without a docstring are left out.

    Args:
        pages: The dotted paths of names on each page.
        source: The folder with the package.
    """
    loader = griffe.GriffeLoader(search_paths=[source])
    loader.load("mien")
    loader.resolve_aliases()
    objects = {page: [_object(loader, path) for path in paths] for page, paths in pages.items()}
    known = {inner.path for found in objects.values() for one in found for inner in _with_members(one)}
    return {page: sorted(_missing(loader, found, known)) for page, found in objects.items()}


def _missing(
    loader: griffe.GriffeLoader, objects: list[griffe.Object], known: set[str], depth: int = 0
) -> Iterator[str]:
    """Yield the paths of types that are not known yet, and add them to `known`.

    Constructors count for names of the pages only: callers get other types from functions.
    """
    for one in objects:
        members = (inner for inner in _with_members(one) if depth == 0 or inner.name != "__init__")
        for path in [path for inner in members for path in _annotated(inner)]:
            if not path.startswith("mien.") or (found := _object(loader, path)).path in known:
                continue
            known.update(inner.path for inner in _with_members(found))
            if found.has_docstring:
                yield found.path
                yield from _missing(loader, [found], known, depth + 1)


def _object(loader: griffe.GriffeLoader, path: str) -> griffe.Object:
    found = loader.modules_collection[path]
    return found.final_target if isinstance(found, griffe.Alias) else found


def _with_members(one: griffe.Object) -> Iterator[griffe.Object]:
    """Yield an object and its public members."""
    yield one
    for name, member in one.members.items():
        if not isinstance(member, griffe.Alias) and (name == "__init__" or not name.startswith("_")):
            yield from _with_members(member)


def _annotated(one: griffe.Object) -> Iterator[str]:
    """Yield the paths of names in the annotations of a function or an attribute."""
    expressions: list[str | griffe.Expr | None] = []
    if isinstance(one, griffe.Function):
        expressions = [*(parameter.annotation for parameter in one.parameters), one.returns]
    elif isinstance(one, griffe.Attribute):
        expressions = [one.annotation]
    for expression in expressions:
        if isinstance(expression, griffe.Expr):
            names = (part for part in expression.iterate(flat=True) if isinstance(part, griffe.ExprName))
            yield from (name.canonical_path for name in names)
