"""The format of `--help`: paragraphs are wrapped to the terminal, not where the docstrings break lines."""

import inspect
import math
import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
"""A line break that is not beside an empty line."""


class HelpFormatter:
    """Formats groups as cyclopts does, with paragraphs in place of lines.

    Args:
        commands: The import path of each command by its line in the list of commands. The help of a command
            begins with its docstring in place of that line, which cyclopts shows in both.
    """

    def __init__(self, commands: Mapping[str, str]) -> None:
        self._commands = commands

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print a group of commands or options."""
        from cyclopts.help import DefaultFormatter

        for entry in panel.entries:
            _unwrap(entry.description)
        DefaultFormatter()(console, options, panel)

    def render_usage(self, console: "Console", options: "ConsoleOptions", usage: object) -> None:
        """Print the line of usage."""
        from cyclopts.help import DefaultFormatter

        DefaultFormatter().render_usage(console, options, usage)

    def render_description(self, console: "Console", options: "ConsoleOptions", description: object) -> None:
        """Print the description of a command."""
        from cyclopts.help import DefaultFormatter

        text = getattr(description, "primary_renderable", None)
        if text is not None and hasattr(text, "plain"):
            text.plain = long_description(text.plain, self._commands)
        _unwrap(description)
        DefaultFormatter().render_description(console, options, description)


def shown_default(value: object) -> str | None:
    """Return a default value for the help; None where it would say nothing: off, empty, or without limit."""
    if value is True or not value or value == math.inf:
        return None
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def long_description(line: str, commands: Mapping[str, str]) -> str:
    """Return the docstring of a command, without its arguments, in place of its line in the list of commands.

    Args:
        line: The line; another text is returned as it is, and so is the line of a group of commands.
        commands: The import path of each command by its line.
    """
    module, _, name = commands.get(line.strip(), "").partition(":")
    function = getattr(import_module(module), name) if module else None
    if not inspect.isfunction(function):
        return line
    return (inspect.getdoc(function) or line).partition("\nArgs:")[0].strip()


def _unwrap(text: Any) -> None:  # noqa: ANN401 - cyclopts has no type for it
    plain = getattr(getattr(text, "primary_renderable", None), "plain", None)
    if plain is not None:
        text.primary_renderable.plain = _BREAK.sub(" ", plain)
