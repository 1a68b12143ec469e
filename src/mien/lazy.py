"""Names of a package that are imported on first use, so that importing the package is fast."""

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_names(package: str, homes: "Mapping[str, str]") -> "Callable[[str], object]":
    """Return the `__getattr__` (PEP 562) of a package.

    Args:
        package: Its `__name__`.
        homes: The module that defines each name.
    """

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return find
