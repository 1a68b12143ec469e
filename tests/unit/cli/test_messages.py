"""What commands print on standard error has no control characters; pipes are announced on a terminal."""

import logging
import os
import sys
import warnings

import pytest

from mien.cli.messages import announce_pipes, messages_on_stderr, print_traceback, say


def log():
    with messages_on_stderr():
        logging.getLogger("mien.some").warning("%s", "a\x1b[2Jb\nc")


def warn():
    with messages_on_stderr():
        warnings.simplefilter("always")
        warnings.warn("a\x1b[2Jb\nc", stacklevel=1)


def trace():
    try:
        int("a\x1b[2Jb c")
    except ValueError as error:
        error.args = ("a\x1b[2Jb c",)
        print_traceback(*sys.exc_info())


@pytest.mark.parametrize("printing", [lambda: say("a\x1b[2Jb\nc"), log, warn, trace])
def test_control_characters_are_visible(printing, capsys):
    printing()
    shown = capsys.readouterr().err
    assert "a\\x1b[2Jb c\n" in shown
    assert "\x1b" not in shown


def test_logging_is_as_before_afterwards():
    before = list(logging.getLogger().handlers)
    log()
    assert logging.getLogger().handlers == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predict", "-"], "mien: reading standard input\n"),
        (["predict", "pipe"], "mien: pipe: a pipe; waiting for its other end\n"),
        (["predict", "a.png", "--boxes=pipe"], "mien: pipe: a pipe; waiting for its other end\n"),
        (["predict", "pipe", "pipe"], "mien: pipe: a pipe; waiting for its other end\n"),
        (["predict", "a.png", "-o", "-"], ""),
        (["predict", "-", "--quiet"], ""),
        (["predict", "a\0b", "x" * 5000], ""),
    ],
)
def test_pipes_are_announced_once_on_a_terminal(words, said, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    announce_pipes(words)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    announce_pipes(words)
    assert capsys.readouterr().err == said
