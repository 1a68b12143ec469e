"""Imports of optional dependencies: a missing one is a clear error that names the extra to install."""

from importlib import import_module
from types import ModuleType

from mien.errors import MissingExtraError


def import_optional(module: str, extra: str) -> ModuleType:
    """Import a module that needs an optional dependency, and return it.

    Args:
        module: Such as "pandas", or a module of mien that imports an optional package.
        extra: The extra of mien that installs the package.

    Raises:
        MissingExtraError: The package is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        if package == "mien":
            raise
        raise MissingExtraError(package, extra) from error
