"""Keys that are pressed in a terminal during other work."""

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def pressed_keys() -> Iterator[Callable[[], str]]:
    """Yield a function that returns the keys pressed since it was last called, without waiting.

    It returns an empty text if standard input is not a terminal, and on Windows.
    """
    try:
        import termios  # Windows has none
        import tty
    except ImportError:
        yield str
        return
    if not sys.stdin.isatty():
        yield str
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield _read_keys
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _read_keys() -> str:
    number = sys.stdin.fileno()
    if not select.select([number], [], [], 0)[0]:
        return ""
    # os.read, because select does not see what sys.stdin has buffered.
    return os.read(number, 64).decode(errors="replace")
