"""Text from outside in messages and on terminals: file names, class names, values of recipes, replies.

Such text may be of any length and may hold control characters, which a terminal would execute. A file name
on POSIX is bytes: Python decodes those that are not UTF-8 as lone surrogates (PEP 383), which UTF-8
can't represent. `utf8` and `escape_name` decide for all files that mien writes how such a name becomes text.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

MOST_WORD: Final = 512
"""Longest word of a message, such as a path, in characters; the middle of longer ones is left out."""

MOST_MESSAGE: Final = 2000
"""Longest message in characters; the middle of longer ones is left out."""

_LONG_WORD: Final = re.compile(rf"\S{{{MOST_WORD + 1},}}")
_LINE_BREAK: Final = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")
_JOINERS: Final = "\u200c\u200d"
"""Invisible characters that names in several scripts, and emoji, need."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of control, format and surrogate characters, and of line separators."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_AMBIGUOUS: Final = re.compile(r"\\(?=ud[89a-f][0-9a-f]{2}|u005c)")
"""A backslash of a name that would be read back as an escape sequence."""
_ESCAPED: Final = re.compile(r"\\u(d[89a-f][0-9a-f]{2}|005c)")


def one_line(text: str) -> str:
    r"""Return text as one line of limited length in which control characters are visible.

    Examples:
        >>> one_line("a\x1b[31m.png:\n  not found")
        'a\\x1b[31m.png: not found'
        >>> len(one_line(9999 * "word "))
        2000
    """
    short = _LONG_WORD.sub(lambda word: elided(word[0], MOST_WORD), text)
    return visible(_LINE_BREAK.sub(" ", elided(short, MOST_MESSAGE)))


def listed(names: Sequence[str], most: int) -> str:
    """Return names separated by commas; of many the first, and the number of the others.

    Examples:
        >>> listed(["a", "b", "c", "d"], 2)
        'a, b and 2 more'
    """
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def elided(text: str, most: int) -> str:
    """Return text of at most `most` characters: the middle of a longer one is replaced by "…".

    Examples:
        >>> elided("abcdefghij", 5)
        'ab…ij'
    """
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def visible(text: str, keep: str = "") -> str:
    r"""Return text with control characters, surrogates and text direction marks as escape sequences.

    Args:
        text: The text.
        keep: Control characters that stay, such as a newline.

    Examples:
        >>> visible("\x1b[2J é\u202e")
        '\\x1b[2J é\\u202e'
    """
    if text.isprintable():
        return text
    kept = _JOINERS + keep
    return "".join(
        sign.encode("unicode_escape").decode() if _is_hidden(sign) and sign not in kept else sign
        for sign in text
    )


def _is_hidden(sign: str) -> bool:
    return not sign.isprintable() and unicodedata.category(sign) in _HIDDEN


def is_utf8(text: str) -> bool:
    """Return whether UTF-8 can represent a text: it has no surrogates."""
    return _SURROGATE.search(text) is None


def utf8(text: str) -> bytes:
    r"""Return text as UTF-8, with surrogates as escape sequences, which in JSON are its own.

    Examples:
        >>> utf8('["é\udcff"]')
        b'["\xc3\xa9\\udcff"]'
    """
    return text.encode("utf-8", "backslashreplace")


def escape_name(name: str) -> str:
    r"""Return a file name with its bytes that are not UTF-8 as escape sequences.

    For formats without an escape of their own, such as CSV and Parquet. `unescape_name` is the inverse for
    every name: a backslash that begins such a sequence in the name itself becomes `\u005c`.

    Examples:
        >>> escape_name("caf\udce9.jpg"), escape_name(r"caf\udce9.jpg")
        ('caf\\udce9.jpg', 'caf\\u005cudce9.jpg')
    """
    text = _AMBIGUOUS.sub(r"\\u005c", name)
    return escape_surrogates(text)


def escape_surrogates(text: str, prefix: str = "\\u") -> str:
    """Return text with each surrogate as a prefix and four hexadecimal digits."""
    return _SURROGATE.sub(lambda sign: f"{prefix}{ord(sign[0]):04x}", text)


def unescape_name(text: str) -> str:
    """Return the file name of which `escape_name` made this text."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, in the plural unless it is 1.

    Args:
        number: How many.
        noun: The noun in the singular, with its adjectives.
        plural: The plural, if it is not the singular and "s".

    Examples:
        >>> counted(1, "face"), counted(1200, "training face"), counted(0, "class", "classes")
        ('1 face', '1,200 training faces', '0 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
