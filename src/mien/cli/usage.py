"""Errors of the command line in the words of mien, from those of cyclopts, and options with new names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

from cyclopts import CoercionError, CycloptsError, Token, UnusedCliTokensError, convert

from mien.cli.messages import say
from mien.errors import MienError, RunError
from mien.registry import did_you_mean

PRINTING: Final = {"--json": ".json", "--jsonl": ".jsonl", "--csv": ".csv"}
"""Flags that print to standard output, and the endings of such files."""

DEPRECATED: Final[dict[tuple[str, ...], dict[str, str]]] = {("bundle", "record"): {"--faces": "--limit"}}
"""Options that are still accepted, by the first two words of the command line, and their names now."""

SETTING: Final = ("train", "tune", "recipes", "audit")
"""Commands that change values of a recipe with --set."""

_SETTING: Final = re.compile(r"[a-z_][\w.]*=.*", re.DOTALL)

_EXPECTED: Final = {float: "a number", int: "a whole number", Path: "a path"}


def usage_error(error: CycloptsError) -> str:
    """Return what is wrong with a command line, and where its help is."""
    command = " ".join(("mien", *(error.command_chain or ())))
    problem = _problem(error).removesuffix(".")
    return f"{problem}{'' if problem.endswith('?') else '.'} See {command} --help."


def with_current_options(words: Sequence[str]) -> list[str]:
    """Return a command line with the current names of deprecated options, and print a line for each.

    Words after `--` are no options.
    """
    renamed = DEPRECATED.get(tuple(words[:2]), {})
    end = words.index("--") if "--" in words else len(words)
    return [*(_current(word, renamed) for word in words[:end]), *words[end:]]


def converted(kind: type, tokens: Sequence[Token]) -> object:
    """Return the value of an option; a fraction is no whole number, which cyclopts would round.

    Raises:
        CoercionError: The words are not a value of this kind.
    """
    if int in (kind, *get_args(kind)) and float not in get_args(kind):
        for token in tokens:
            if "." in token.value and not token.value.lstrip("+-").isdigit():
                raise CoercionError(token=token, target_type=int)
    return convert(kind, tokens)


def require_inputs(command: str, words: Sequence[str], expected: str, options: Iterable[str]) -> None:
    """Refuse a command line without inputs, or with an unknown option: a lone hyphen is an input.

    Args:
        command: Name of the command.
        words: The inputs.
        expected: Inputs of the command, for the message.
        options: Names of its options.

    Raises:
        MienError: There is no input, or one looks like an option and is no file.
    """
    if not words:
        raise MienError(f"no inputs: give {expected}; see mien {command} --help")
    for word in words:
        if word.startswith("-") and word != "-" and not Path(word).exists():
            raise MienError(f"no option {word!r}{did_you_mean(word, options)}; see mien {command} --help")


def refuse_given(options: Mapping[str, object], reason: str) -> None:
    """Refuse options that can't be changed.

    Args:
        options: Their values by their names; None where one is not given.
        reason: Why, and what to do.

    Raises:
        RunError: One is given.
    """
    if given := [name for name, value in options.items() if value is not None]:
        raise RunError(f"{', '.join(given)}: {reason}")


def refuse_files_of_flags(words: Sequence[str], flags: Sequence[str]) -> None:
    """Refuse an input that was meant as the file of a flag, which takes none.

    Args:
        words: The inputs.
        flags: The flags on the command line, of `PRINTING`.

    Raises:
        MienError: One does not exist, and has the ending of a flag.
    """
    for word in words:
        for flag in flags:
            if Path(word).suffix.lower() == PRINTING[flag] and not Path(word).exists():
                raise MienError(f"{word}: no such file; {_no_file(flag, 'predict')}")


def _problem(error: CycloptsError) -> str:
    if isinstance(error, UnusedCliTokensError):
        return _unused(error.unused_tokens or [], (error.command_chain or ("",))[0])
    if not isinstance(error, CoercionError) or error.msg is not None or error.token is None:
        return str(error)
    name, value = error.token.keyword, error.token.value
    if name is None or value is None:
        return str(error)
    if error.target_type is bool:
        hint = _no_file(name, (error.command_chain or ("",))[0]) if name in PRINTING else f"{name} takes none"
        return f"{name}={value}: a value; {hint}"
    if error.target_type in _EXPECTED:
        return f"{name} {value!r}: expected {_EXPECTED[error.target_type]}"
    return str(error)


def _current(word: str, renamed: Mapping[str, str]) -> str:
    name, sign, value = word.partition("=")
    if name not in renamed:
        return word
    say(f"{name} is deprecated; use {renamed[name]}")
    return f"{renamed[name]}{sign}{value}"


def _unused(words: Sequence[str], command: str) -> str:
    return f"unexpected {', '.join(map(repr, words))}{_hint(words, command)}"


def _hint(words: Sequence[str], command: str) -> str:
    """Return what is meant by unexpected words, if that is likely, after a semicolon."""
    if command in SETTING and words and all(map(_SETTING.fullmatch, words)):
        return (
            f"; each value of the recipe needs its own --set: {' '.join(f'--set {word}' for word in words)}"
        )
    flag = next((flag for flag, ending in PRINTING.items() if words and words[-1].endswith(ending)), None)
    return "" if flag is None or command == "predict" else f"; {_no_file(flag, command)}"


def _no_file(flag: str, command: str) -> str:
    remedy = "--output FILE" if command == "predict" else f"{flag} > FILE"
    return f"{flag} takes no file and prints to standard output; to write a file, use {remedy}"
