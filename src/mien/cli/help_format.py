"""The format of `--help`: paragraphs are wrapped to the terminal, not where the docstrings break lines."""

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
"""A line break that is not beside an empty line."""


class HelpFormatter:
    """Formats groups as cyclopts does, with paragraphs in place of lines."""

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

        _unwrap(description)
        DefaultFormatter().render_description(console, options, description)


def shown_default(value: object) -> str | None:
    """Return a default value for the help; None where it would say nothing: off, empty, or without limit."""
    if value is True or not value or value == math.inf:
        return None
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _unwrap(text: Any) -> None:  # noqa: ANN401 - cyclopts has no type for it
    plain = getattr(getattr(text, "primary_renderable", None), "plain", None)
    if plain is not None:
        text.primary_renderable.plain = _BREAK.sub(" ", plain)
