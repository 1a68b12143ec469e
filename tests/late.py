"""Modules that are imported on first use, so that processes that run other tests don't import them."""

from importlib import import_module
from typing import Any


class Late:
    """A module whose import is expensive, such as the oracle of a few tests.

    Args:
        name: Its full name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """Import the module, and return its attribute."""
        return getattr(import_module(self._name), attribute)
