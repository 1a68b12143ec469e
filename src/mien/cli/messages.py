"""What a command prints on standard error: messages of one line, warnings, logs and tracebacks.

All text from outside passes through here, through `mien.console` or through `mien.cli.printing`, so that no
control character in it reaches a terminal.
"""

import logging
import stat
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from mien.text import one_line, visible


def say(message: str) -> None:
    """Write a message to standard error as one line."""
    print(f"mien: {one_line(message)}", file=sys.stderr)  # noqa: T201 - rich is slow to import


def print_traceback(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> None:
    """Write a traceback to standard error, with visible control characters: an exception hook."""
    text = "".join(traceback.format_exception(kind, error, trace))
    print(visible(text, keep="\n"), end="", file=sys.stderr)  # noqa: T201


@contextmanager
def messages_on_stderr() -> Iterator[None]:
    """Print warnings, and what libraries log as such, as messages."""
    root, handler = logging.getLogger(), _LogHandler(logging.WARNING)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns that a home is read-only
    root.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            yield
    finally:
        root.removeHandler(handler)


class _LogHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    say(f"warning: {message}")


def announce_pipes(words: Sequence[str]) -> None:
    """Tell a person at a terminal which pipes the command waits for: standard input and named pipes.

    Args:
        words: The words of the command line; with --quiet, nothing is announced.
    """
    if "--quiet" in words or not sys.stderr.isatty():
        return
    for word in dict.fromkeys(one.partition("=")[2] or one for one in words):
        if word == "-" and words[words.index(word) - 1] not in ("-o", "--output"):
            say("reading standard input" + ("; Ctrl-D ends it" if sys.stdin.isatty() else ""))
        elif _is_pipe(word):
            say(f"{word}: a pipe; waiting for its other end")


def _is_pipe(word: str) -> bool:
    with suppress(OSError, ValueError):
        return stat.S_ISFIFO(Path(word).stat().st_mode)
    return False
