"""Markdown from plain text."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

_CODE: Final = re.compile(r"(`[^`]+`)")
_SPECIAL: Final = re.compile(r"([\\*_<>\[\]#|~])")
_OPTION: Final = re.compile(r"(?<![\w/-])--[a-z][\w-]*")
_LINES: Final = re.compile(r"(?<!\n)\n(?!\n)[ ]*")
_NOT_SLUG: Final = re.compile(r"[^\w\- ]")


def slug(title: str) -> str:
    """Return the anchor of a heading, as GitHub forms it, so that links work there and on the site."""
    return _NOT_SLUG.sub("", title.strip().lower()).replace(" ", "-")


def escaped(text: str) -> str:
    """Return plain text whose characters have no meaning in Markdown."""
    return _SPECIAL.sub(r"\\\1", text)


def prose(text: str, option: Callable[[str], str] = lambda name: f"`{name}`") -> str:
    """Return plain text as Markdown: paragraphs in one line each, with code in backticks kept.

    Args:
        text: Text of a docstring.
        option: Returns the Markdown of an option of a command, such as `--json`.
    """
    parts = _CODE.split(_LINES.sub(" ", text.strip()))
    return "".join(part if part.startswith("`") else _with_options(part, option) for part in parts)


def _with_options(text: str, option: Callable[[str], str]) -> str:
    found: list[str] = []

    def kept(match: re.Match[str]) -> str:
        found.append(match[0])
        return "\0"

    return re.sub("\0", lambda _: option(found.pop(0)), escaped(_OPTION.sub(kept, text)))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return a table in Markdown.

    Args:
        headings: The titles of the columns.
        rows: Cells in Markdown; a vertical bar in them must be escaped.
        right: Positions of the columns that are aligned to the right, such as numbers.
    """
    rule = ["---:" if position in right else "---" for position in range(len(headings))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (headings, rule, *rows)) + "\n"
