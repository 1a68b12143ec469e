"""Consoles and tables of commands."""

from collections.abc import Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from mien.cli.printing import print_result
from mien.console import Console

WIDE: Final = 1000
"""Columns of an output that is not a terminal: nothing is wrapped there."""


def message_console() -> Console:
    """Return a console on standard error for plain lines, which are not cut."""
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def result_console() -> Console:
    """Return a console on standard output that wraps nothing where that is not a terminal."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


def new_table(console: Console, *headings: str) -> Table:
    """Return a table without lines where the output is not a terminal."""
    table = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def metrics_table(texts: Sequence[str], numbers: Sequence[str]) -> Table:
    """Return a table without lines: columns of texts, then columns of numbers, which are aligned right."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for heading in texts:
        table.add_column(heading, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table


def print_table(table: Table, console: Console) -> None:
    """Print a table; in a file or a pipe its lines have no spaces at their ends."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    print_result("\n".join(line.rstrip() for line in captured.get().splitlines()))
