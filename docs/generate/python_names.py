"""Names and arguments of `mien` in Python blocks, compared with its source without importing it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import mien

PACKAGE: Final = Path(mien.__file__).parent


def problems(text: str) -> Iterator[str]:
    """Yield syntax errors of Python code, and names and keyword arguments that mien doesn't have."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield f"line {error.lineno}: {error.msg}"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mien":
            yield from (
                found for name in node.names if (found := _import_problem(str(node.module), name.name))
            )
        elif isinstance(node, ast.Import):
            modules = (name.name for name in node.names if name.name.split(".")[0] == "mien")
            yield from (f"no module {name}" for name in modules if _source(name) is None)
        elif isinstance(node, ast.Attribute) and _is_mien(node.value) and not _has(node.attr):
            yield f"no name mien.{node.attr}"
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_mien(node.func.value)
        ):
            yield from _unknown_arguments(node, node.func.attr)


def _is_mien(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "mien"


def _has(name: str) -> bool:
    return name in mien.__all__ or _source(f"mien.{name}") is not None


def _import_problem(module: str, name: str) -> str:
    if (path := _source(module)) is None:
        return f"no module {module}"
    if module == "mien":
        return "" if _has(name) else f"no name mien.{name}"
    known = name in _definitions(path) or _source(f"{module}.{name}") is not None
    return "" if known else f"no name {name} in {module}"


def _unknown_arguments(call: ast.Call, name: str) -> Iterator[str]:
    """Yield the keyword arguments that a function of `mien` doesn't have; classes are not checked."""
    home = mien._HOMES.get(name)  # noqa: SLF001 - importing the function would import what it needs
    path = _source(home) if home else None
    function = _definitions(path).get(name) if path else None
    if not isinstance(function, ast.FunctionDef) or function.args.kwarg:
        return
    known = {one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg not in known:
            yield f"mien.{name} has no argument {keyword.arg}"


def _source(module: str) -> Path | None:
    """Return the file of a module of mien."""
    base = PACKAGE.joinpath(*module.split(".")[1:])
    return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)


@cache
def _definitions(path: Path) -> dict[str, ast.stmt]:
    """Return the names that a module defines or imports."""
    found: dict[str, ast.stmt] = {}
    for node in _statements(ast.parse(path.read_text(encoding="utf-8")).body):
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                found[node.name] = node
            case ast.Import() | ast.ImportFrom():
                found.update({(name.asname or name.name): node for name in node.names})
            case ast.Assign():
                found.update({target.id: node for target in node.targets if isinstance(target, ast.Name)})
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = node
            case _:
                pass
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, with those below `if TYPE_CHECKING`."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _statements(node.body)
