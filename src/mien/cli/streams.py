"""The standard streams of a command: closed, full, disconnected, or of an encoding that lacks characters.

Each condition has one behavior in all commands:

- A closed stream (`>&-`, `<&-`, `2>&-`) is the null device: what is printed is lost, and the work is done. A
  command whose only result is on standard output refuses to start.
- A failure of standard output (a full disk, a disconnected terminal) is one error. Failures of standard
  error are ignored: messages are lost, and the work is done.
- Characters that the encoding lacks are replaced by similar ASCII characters, or escaped.
"""

# ruff: noqa: RUF001 - similar characters are the subject

import codecs
import io
import os
import sys
from pathlib import Path
from typing import Any, Final, TextIO

from mien.errors import MienError
from mien.files.targets import write_error

_NAMES: Final = ("stdin", "stdout", "stderr")
"""Standard streams in the order of their file descriptors."""

_SIMILAR: Final = {
    **dict.fromkeys("…·∙•", "."), **dict.fromkeys("–—―−━─╸╺╌", "-"), **dict.fromkeys("→▶", ">"),
    **dict.fromkeys("←◀", "<"), **dict.fromkeys("│┃▏▎▍▌", "|"), **dict.fromkeys("▋▊▉█▇▆▅▄", "#"),
    **dict.fromkeys("▁▂▃", "_"), **dict.fromkeys("‘’", "'"), **dict.fromkeys("“”", '"'), "×": "x", "≥": ">",
    "≤": "<", "±": "~", "≈": "~", "√": "v", "✓": "v", **dict.fromkeys("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "*"),
}  # fmt: skip
"""ASCII characters for those of mien's own output, of the same width."""

_ON_TERMINAL: Final = "mien.terminal"
_IN_FILE: Final = "mien.file"
"""Names of the error handlers of the encodings."""

_missing: Final[set[str]] = set()
"""Names of the streams that were closed when the program was started."""


def prepare_streams() -> None:
    """Replace the standard streams of this process by streams that behave as this module describes."""
    codecs.register_error(_ON_TERMINAL, _replaced)
    codecs.register_error(_IN_FILE, _as_bytes)
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            _open_null(number, name)
    sys.stdout = _robust(sys.stdout, _StandardOutput)
    sys.stderr = _robust(sys.stderr, _StandardError)


def require_output() -> None:
    """Check that standard output is open, for a command whose only result is there.

    Raises:
        MienError: It was closed when the program was started.
    """
    if "stdout" in _missing:
        raise MienError("standard output is closed, and the result would be lost; redirect it to a file")


class _StandardOutput(io.FileIO):
    """Standard output: its first failure is an error; what follows is lost."""

    _has_failed = False

    def write(self, content: Any, /) -> int:  # noqa: ANN401 - bytes-like
        if self._has_failed:
            return len(content)
        try:
            return super().write(content)
        except BrokenPipeError:
            self._has_failed = True
            raise
        except OSError as error:
            self._has_failed = True
            raise write_error(Path("standard output"), error) from error


class _StandardError(io.FileIO):
    """Standard error: nothing can report its failures."""

    def write(self, content: Any, /) -> int:  # noqa: ANN401 - bytes-like
        try:
            return super().write(content)
        except OSError:
            return len(content)


def _open_null(number: int, name: str) -> None:
    """Open the null device in place of a closed stream, so that no file gets its descriptor."""
    _missing.add(name)
    null = os.open(os.devnull, os.O_RDWR)
    if null != number and not _is_open(number):
        os.dup2(null, number)
        os.close(null)
        null = number
    os.set_inheritable(null, True)
    mode = "r" if name == "stdin" else "w"
    setattr(sys, name, open(null, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - open to the end


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _robust(stream: TextIO, kind: type[io.FileIO]) -> TextIO:
    """Return a stream for the same descriptor; the same stream on Windows, whose console has its own type."""
    handler = _ON_TERMINAL if stream.isatty() or kind is _StandardError else _IN_FILE
    if os.name == "nt" or not isinstance(stream, io.TextIOWrapper):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=handler)
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(kind(stream.fileno(), "w", closefd=False)), stream.encoding, handler,
        line_buffering=kind is _StandardError or stream.line_buffering or stream.write_through,
    )  # fmt: skip


def _replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace a character that an encoding lacks by a similar one, or escape it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    sign = error.object[error.start]
    return _SIMILAR.get(sign) or sign.encode("unicode_escape").decode(), error.start + 1


def _as_bytes(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write bytes of a file name that are not UTF-8 as they are; replace other characters."""
    if isinstance(error, UnicodeEncodeError) and "\udc80" <= error.object[error.start] <= "\udcff":
        return bytes([ord(error.object[error.start]) - 0xDC00]), error.start + 1
    return _replaced(error)
