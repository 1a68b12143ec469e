"""Checks links in Markdown files, also those to generated pages, without building the site.

$ python -m generate.check_links
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from generate import commands, models, python_api, recipes, repository
from generate.check_blocks import markdown_files
from generate.markdown import slug
from generate.repository import ROOT, normalized

_LINK: Final = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HTML_LINK: Final = re.compile(r"""(?:href|src)=["']([^"']+)["']""")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)(?:\s*\{\s*#([\w-]+)[^}]*\})?\s*#*$", re.MULTILINE)
_ID: Final = re.compile(r"""\bid=["']([^"']+)["']|\{[^}]*#([\w-]+)[^}]*\}""")
_CODE: Final = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_MARKUP: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)|[`*]")


def generated() -> dict[str, str]:
    """Return the Markdown of the pages that are made from the code, by path below the repository."""
    made = (commands, recipes, models, python_api, repository)
    return {f"docs/{path}": text for module in made for path, text in module.pages().items()}


def problems(texts: Mapping[str, str], root: Path = ROOT) -> Iterator[str]:
    """Yield a line for each link that leads nowhere.

    Args:
        texts: The Markdown of the files by path below the repository, those that are generated among them.
        root: The folder of the repository, for links to other files.
    """
    anchors = {path: set(anchors_of(text)) for path, text in texts.items()}
    for path, text in texts.items():
        for link in links_of(text):
            target, _, anchor = link.partition("#")
            found = str(normalized(PurePosixPath(path).parent / target)) if target else path
            if found not in texts and not (root / found).exists():
                yield f"{path}: {link}: no such file"
            elif anchor and found in anchors and anchor not in anchors[found]:
                yield f"{path}: {link}: no such heading"


def links_of(text: str) -> list[str]:
    """Return the relative links of Markdown."""
    prose = _CODE.sub("", text)
    found = [*_LINK.findall(prose), *_HTML_LINK.findall(prose)]
    return [link for link in found if not re.match(r"[a-z]+:|/", link)]


def anchors_of(text: str) -> Iterator[str]:
    """Yield the anchors of Markdown: of headings, as GitHub forms them, and explicit ones."""
    counts: dict[str, int] = {}
    for title, explicit in _HEADING.findall(
        re.sub(r"^ *(`{3,}).*?^ *\1", "", text, flags=re.MULTILINE | re.DOTALL)
    ):
        if explicit:
            yield explicit
            continue
        anchor = slug(_MARKUP.sub(lambda found: found[1] or "", title))
        yield anchor + (f"-{counts[anchor]}" if counts.get(anchor) else "")
        counts[anchor] = counts.get(anchor, 0) + 1
    yield from (found[1] or found[2] for found in _ID.finditer(text))


def main() -> int:
    """Print the broken links, and return 1 if there are any."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in markdown_files()}
    found = list(problems(texts | generated()))
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
