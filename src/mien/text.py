"""Text from outside in messages and on terminals: file names, class names, values of recipes, replies.

Such text may be of any length and may hold control characters, which a terminal would execute.
"""

import re
import unicodedata
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
