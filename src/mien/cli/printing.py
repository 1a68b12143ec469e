"""Results of commands on standard output."""

import sys

from mien.text import visible


def print_result(text: object) -> None:
    """Print a result, such as a path: as it is, or on a terminal with visible control characters."""
    shown = visible(str(text), keep="\n\t") if sys.stdout.isatty() else str(text)
    print(shown)  # noqa: T201 - the result
