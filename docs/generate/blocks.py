"""Code blocks of Markdown files, and whether they are run or marked.

A block is fenced and has a language. Blocks of `RUN` are run, in the order of their page
(`generate.run_blocks`), unless the line above has the comment `<!-- not run: REASON -->`. Blocks of other
languages are output or content of files.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

RUN: Final = frozenset({"bash", "python", "sh"})
"""Languages of blocks that are run."""

LISTINGS: Final = frozenset(
    {"css", "csv", "diff", "dockerfile", "html", "http", "ini", "js", "json", "nginx", "text", "toml", "yaml"}
)
"""Languages of output, and of the content of files."""

_FENCE: Final = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<language>[\w+-]*)(?P<rest>.*)$")
_MARK: Final = re.compile(r"<!-- not run: (?P<reason>[^>]+?) -->")
_CONTAINER: Final = re.compile(r"^\s*([-*+]|\d+\.|:|!!!|\?\?\?\+?|===|\[\^)(\s|\w)")
"""Begins what has indented content: an entry of a list, a definition, an admonition, a tab, a footnote."""


class Block(NamedTuple):
    """A code block.

    Attributes:
        path: Its file.
        line: Line of its fence, from 1.
        language: The word after the fence; "" if there is none, or if the block is only indented.
        text: Its content, without the indentation of the fence.
        reason: Why it is not run; "" if it has no mark.
    """

    path: Path
    line: int
    language: str
    text: str
    reason: str

    @property
    def is_run(self) -> bool:
        """Whether the block is run."""
        return self.language in RUN and not self.reason

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.path}:{self.line}"


def blocks_of(path: Path) -> list[Block]:
    """Return the code blocks of a Markdown file, in their order."""
    return list(_blocks(path, path.read_text(encoding="utf-8").splitlines()))


def _blocks(path: Path, lines: list[str]) -> Iterator[Block]:
    position, reason, container = 0, "", False
    while position < len(lines):
        line, start = lines[position], position + 1
        if match := _FENCE.match(line):
            content, position = _content(lines, start, match)
            yield Block(path, start, match["language"], "\n".join(content), reason)
            reason = ""
        elif line.startswith("    ") and not container and (start == 1 or not lines[start - 2].strip()):
            position = _end_of_indented(lines, position)
            yield Block(path, start, "", "\n".join(lines[start - 1 : position]), reason)
            reason = ""
        elif line.strip():
            found = _MARK.search(line)
            reason = found["reason"] if found else ""
            container = bool(_CONTAINER.match(line)) or (container and line.startswith(" "))
        position += 1


def _content(lines: list[str], start: int, match: re.Match[str]) -> tuple[list[str], int]:
    """Return the lines of a fenced block, and the position of its last fence."""
    indent, fence = len(match["indent"]), match["fence"]
    for end in range(start, len(lines)):
        if lines[end].strip().startswith(fence) and not lines[end].strip().strip(fence[0]):
            return [line[indent:] for line in lines[start:end]], end
    return [line[indent:] for line in lines[start:]], len(lines)


def _end_of_indented(lines: list[str], position: int) -> int:
    while position < len(lines) and (lines[position].startswith("    ") or not lines[position].strip()):
        position += 1
    return position
