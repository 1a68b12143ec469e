"""Names that the Python blocks of a page use and that no block before defines."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from typing import Final

_BUILTINS: Final = frozenset(dir(builtins))


def undefined_names(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the undefined names of each block, in the order of the page.

    Scopes are not distinguished: a name is defined once any block, or any function in it, assigns it. Blocks
    with syntax errors have no names.
    """
    defined = set(_BUILTINS)
    for text in texts:
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except SyntaxError:
            yield []
            continue
        defined.update(name for node in nodes for name in _defined_by(node))
        used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        yield sorted(used - defined)


def _defined_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (one.asname or one.name.partition(".")[0] for one in names)
        case _:
            pass
