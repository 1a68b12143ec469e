"""Commands of shell blocks, and whether the commands of mien accept their words."""

import re
import shlex
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from cyclopts import CycloptsError

from generate.commands import CommandHelp, all_commands
from mien.cli.app import COMPLETION, build_app
from mien.cli.usage import usage_error

_ENDS: Final = frozenset({";", "&", "&&", "|", "||", "(", ")"})
_REDIRECTIONS: Final = frozenset({">", ">>", "<", "2>", "&>", ">&"})
_SUBSTITUTION: Final = re.compile(r"\$\(([^()]*)\)")
_SETTING: Final = re.compile(r"^[A-Z_][A-Z0-9_]*=")
_GENERAL: Final = frozenset({"--help", "-h", "--version", "--debug", *(name for name, *_ in COMPLETION)})


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each simple command, without redirections, settings of variables and comments.

    The content of `$(...)` is a command of its own; the words of loops are those of commands.
    """
    joined = text.replace("\\\n", " ")
    for inner in _SUBSTITUTION.findall(joined):
        yield from commands(inner)
    for line in _SUBSTITUTION.sub("SUBSTITUTED", joined).splitlines():
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars="();<>|&")
        lexer.whitespace_split, lexer.commenters = True, ""
        yield from filter(None, _simple(_without_comment(list(lexer))))


def _without_comment(words: list[str]) -> list[str]:
    end = next((position for position, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:end]


def _simple(words: list[str]) -> Iterator[list[str]]:
    current: list[str] = []
    skip = False
    for word in words:
        if word in _ENDS:
            yield current
            current = []
        elif skip:
            skip = False
        elif word in _REDIRECTIONS:
            skip = True
        elif current or not (_SETTING.match(word) or word in ("do", "then", "nice", "time")):
            current.append(word)
    yield current


@cache
def _known() -> dict[tuple[str, ...], CommandHelp]:
    return {command.words: command for command in all_commands()}


@lru_cache(maxsize=1000)
def problem(words: tuple[str, ...]) -> str:
    """Return why the parser of `mien` refuses the words after its name; "" if it accepts them."""
    if not words or _GENERAL & set(words):
        return ""
    if unknown := unknown_options(words):
        return f"no option {unknown[0]} in mien {words[0]}"
    try:
        build_app().parse_args(list(words), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return usage_error(error)
    return ""


def unknown_options(words: tuple[str, ...]) -> list[str]:
    """Return the words that look like options of a command that doesn't have them."""
    command = max((name for name in _known() if words[: len(name)] == name), key=len, default=())
    if not command:
        return []
    names = {
        label for _, found in _known()[command].options() for entry in found for label in entry.all_options
    }
    return [
        word
        for word in words
        if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in names | _GENERAL
    ]
