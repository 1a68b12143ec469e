"""Runs a command in a pseudo-terminal and renders what it shows as HTML, for images of the documentation."""

import codecs
import io
import os
import pty
import re
import signal
import subprocess
import termios
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

PIECE: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|\x1b")
"""A control sequence, a control character, or text."""

UNFINISHED: Final = re.compile(r"(\x1b(\[[0-9;?]*)?|\r)\Z")
"""The beginning of a control sequence or of a line break, whose rest is not read yet."""

PAGE: Final = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; background: white }}
#terminal {{ display: inline-block; padding: 14px 18px; border-radius: 8px;
  background: {background}; color: {foreground} }}
pre {{ margin: 0; font: 14px/1.3 "DejaVu Sans Mono", monospace }}
{stylesheet}
</style><div id="terminal"><pre><code>{code}</code></pre></div>
"""


class Screen:
    """The lines of a terminal, for output that writes whole lines and moves up to replace them.

    Columns, scrolling and other movements of the cursor are left out: rich uses none.
    """

    def __init__(self) -> None:
        self._lines = [""]
        self._row = 0
        self._rest = ""
        self._written = False

    def feed(self, text: str) -> Iterator[str]:
        """Show a part of the output, and yield the text of the screen each time before it is replaced.

        Then all lines are written; at other times a part of them may still be on its way.
        """
        # "\n" is shown as "\r\n"; that "\r" doesn't begin the line anew.
        text = (self._rest + text).replace("\r\n", "\n")
        self._rest = found[0] if (found := UNFINISHED.search(text)) else ""
        for piece in PIECE.findall(text.removesuffix(self._rest)):
            replaces = piece == "\r" or (piece.startswith("\x1b") and piece[-1] in "AK")
            if replaces and self._written:
                yield self.text
            self._written = not replaces
            if piece == "\n":
                self._row += 1
                self._lines += [""] * (self._row + 1 - len(self._lines))
            elif replaces and piece.endswith("A"):
                self._row = max(0, self._row - int(piece[2:-1] or 1))
            elif replaces:
                self._lines[self._row] = ""
            elif not piece.startswith("\x1b") or piece.endswith("m"):
                self._lines[self._row] += piece

    @property
    def text(self) -> str:
        """The lines with their colors as control sequences, without empty ones at the end."""
        return "\n".join(self._lines).rstrip()


def shown(words: Sequence[str], columns: int, until: str | None = None) -> str:
    """Return what a command shows on a terminal.

    Args:
        words: The command.
        columns: Width of the terminal.
        until: Interrupt the command as soon as the complete screen matches this regular expression.

    Raises:
        SystemExit: The command ended before that.
    """
    screen = Screen()
    for output in _outputs(words, columns):
        for text in screen.feed(output):
            if until is not None and re.search(until, text):
                return text
    if until is not None:
        raise SystemExit(f"{' '.join(words)} did not show what the image needs: {until}")
    return screen.text


def _outputs(words: Sequence[str], columns: int) -> Iterator[str]:
    """Yield the output of a command in a terminal, and interrupt the command if no more is read."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        try:
            while data := _read(ours):
                yield decoder.decode(data)
        finally:
            process.send_signal(signal.SIGINT)
            os.close(ours)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # the command has ended
        return b""


def page(text: str, columns: int) -> str:
    """Return an HTML page with an element `#terminal` that shows text with control sequences."""
    console = Console(record=True, width=columns, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi(text), soft_wrap=True)
    return console.export_html(theme=SVG_EXPORT_THEME, code_format=PAGE)
