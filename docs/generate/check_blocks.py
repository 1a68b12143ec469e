"""Checks code blocks without running them.

    $ python -m generate.check_blocks

Every block is run or marked (`generate.blocks`). Options of `mien` commands exist, also in inline code.
Python compiles, its names are defined on the page, and its names and arguments of `mien` exist. JSON, YAML
and TOML can be parsed, unless "…" stands for a part that is left out. The changelog names options that no
longer exist, so its inline code is not checked.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import yaml

from generate import python_names, shell_commands
from generate.blocks import LISTINGS, RUN, Block, blocks_of
from generate.repository import ROOT
from generate.undefined_names import undefined_names

_INLINE: Final = re.compile(r"`(mien [^`]+)`")
_FENCED: Final = re.compile(r"^ *(`{3,}).*?^ *\1", re.MULTILINE | re.DOTALL)


def markdown_files(root: Path = ROOT) -> list[Path]:
    """Return the Markdown files of the repository that readers see."""
    folders = (root.glob("*.md"), (root / "docs").rglob("*.md"), (root / "examples").rglob("*.md"))
    return sorted(path for path in chain(*folders) if "theme" not in path.parts)


def problems_of(path: Path) -> Iterator[str]:
    """Yield a line for each problem with the code blocks and the inline commands of a file."""
    blocks = blocks_of(path)
    for block in blocks:
        yield from (f"{block.place}: {problem}" for problem in _problems(block))
    code = [block for block in blocks if block.language == "python"]
    for block, names in zip(code, undefined_names(block.text for block in code), strict=True):
        yield from (f"{block.place}: {name} is not defined" for name in names)
    text = "" if path.name == "CHANGELOG.md" else path.read_text(encoding="utf-8")
    for found in _INLINE.finditer(_FENCED.sub("", text)):
        words = tuple(found[1].split()[1:])
        for option in shell_commands.unknown_options(words):
            yield f"{path}: `{found[1]}`: no option {option}"


def _problems(block: Block) -> Iterator[str]:
    if block.language not in RUN | LISTINGS:
        known = ", ".join(sorted(RUN | LISTINGS))
        yield f"language {block.language!r}, expected a fenced block in one of {known}"
    elif block.language in ("bash", "sh"):
        yield from _shell_problems(block.text)
    elif block.language == "python":
        yield from python_names.problems(block.text)
    elif not block.reason:
        yield from _listing_problems(block)


def _shell_problems(text: str) -> Iterator[str]:
    try:
        found = list(shell_commands.commands(text))
    except ValueError as error:
        yield str(error)
        return
    for words in found:
        if words[0] == "mien" and (problem := shell_commands.problem(tuple(words[1:]))):
            yield f"{' '.join(words)}: {problem}"


def _listing_problems(block: Block) -> Iterator[str]:
    parsers = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}
    is_shortened = "…" in block.text
    if (parse := parsers.get(block.language)) is not None and not is_shortened:
        try:
            parse(block.text)
        except (ValueError, yaml.YAMLError) as error:
            yield f"not valid {block.language}: {str(error).splitlines()[0]}"


def main(paths: Iterable[str]) -> int:
    """Print the problems of files, by default all of them, and return 1 if there are any."""
    found = [problem for path in list(map(Path, paths)) or markdown_files() for problem in problems_of(path)]
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
