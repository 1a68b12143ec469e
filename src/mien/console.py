"""The terminal: a console that shows control characters instead of sending them."""

from collections.abc import Iterable

from rich import console as rich
from rich.segment import Segment

from mien.text import visible


class Console(rich.Console):
    """A rich console for text from outside: escape sequences in names don't reach the terminal.

    Its own colors and cursor movements are segments of their own, and stay.
    """

    def render(
        self, renderable: rich.RenderableType, options: rich.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of a renderable, with visible control characters."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(visible(text, keep="\n"), style)
