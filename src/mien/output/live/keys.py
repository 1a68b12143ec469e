"""Keys that are pressed in a terminal while something else goes on."""

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def pressed_keys() -> Iterator[Callable[[], str]]:
    """Yield a function that returns the keys pressed since it was last called, without waiting.

    It returns nothing where standard input is no terminal, or one that knows no such mode.
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
        yield _waiting_keys
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _waiting_keys() -> str:
    number = sys.stdin.fileno()
    if not select.select([number], [], [], 0)[0]:
        return ""
    return os.read(number, 64).decode(
        errors="replace"
    )  # past the buffer of sys.stdin, which select can't see
