"""Lines of text files as bytes, with any line ends: LF, CR LF, or CR alone."""

import re
from collections.abc import Iterator
from typing import IO, Final

_LINE_END: Final = re.compile(rb"\r\n?|\n")
_CR_ALONE: Final = re.compile(rb"\r(?!\n)")
_BLOCK: Final = 1 << 16


def first_line(head: bytes) -> bytes:
    """Return the first line of a file, without its end, given its first bytes."""
    return _LINE_END.split(head, maxsplit=1)[0]


def lines_of(stream: IO[bytes], longest: int) -> Iterator[bytes]:
    r"""Yield each line with its end as b"\n" or b"\r\n"; of longer lines, parts of at least `longest` bytes.

    Args:
        stream: The file, at its start.
        longest: Bytes of a line that are kept in memory.
    """
    line = stream.readline(longest)
    if _CR_ALONE.search(line):
        yield from _lines_by_cr(line, stream, longest)
        return
    while line:
        yield line
        line = stream.readline(longest)


def _lines_by_cr(rest: bytes, stream: IO[bytes], longest: int) -> Iterator[bytes]:
    while rest:
        *lines, rest = rest.split(b"\r")
        yield from (line + b"\n" for line in lines)
        block = stream.read(_BLOCK)
        if not block or len(rest) >= longest:
            yield from filter(None, (rest,))
            rest = b""
        rest += block
