import io
import os
import pty
import sys
import termios
from contextlib import suppress

import pytest

from mien.output.live.keys import pressed_keys


@pytest.fixture
def terminal(monkeypatch):
    """A terminal as standard input; what is written to the number it yields is typed there."""
    master, slave = pty.openpty()
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield master
    os.close(master)


def test_keys_are_read_without_enter_and_without_blocking(terminal):
    with pressed_keys() as pressed:
        assert pressed() == ""
        os.write(terminal, b"xq")
        assert pressed() == "xq"
        assert pressed() == ""


def test_the_mode_of_the_terminal_is_restored(terminal):
    before = termios.tcgetattr(sys.stdin)
    with suppress(KeyboardInterrupt), pressed_keys():
        assert termios.tcgetattr(sys.stdin) != before
        raise KeyboardInterrupt
    assert termios.tcgetattr(sys.stdin) == before


def test_without_a_terminal_there_are_no_keys(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("q"))
    with pressed_keys() as pressed:
        assert pressed() == ""


def test_a_system_without_terminal_modes_has_no_keys(terminal, monkeypatch):
    monkeypatch.setitem(sys.modules, "termios", None)
    with pressed_keys() as pressed:
        os.write(terminal, b"q")
        assert pressed() == ""
