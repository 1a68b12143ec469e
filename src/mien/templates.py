"""Templates: the configuration of Jinja for reports, explorations and model cards.

A template is in the package of the code that renders it.
"""

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from mien.percent import p_value
from mien.text import counted

_SPECIAL: Final = re.compile(r"([\\`*_|<\[])")
"""Characters that begin markup in Markdown, or end the cell of a table."""


def template(package: str, name: str) -> Template:
    """Return a template. Values in an `.html.j2` are escaped; in Markdown the filter `text` does that.

    Args:
        package: Package of the template, such as "mien.evaluation". It may include files from there, and from
            another package as "mien.figures/page.css".
        name: Its file.
    """
    environment = Environment(
        loader=FunctionLoader(_reader(package)),
        autoescape=name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["percent"] = lambda share, digits=1: f"{100 * share:.{digits}f}"
    environment.filters["p_value"] = p_value
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["counted"] = counted
    environment.filters["text"] = markdown_text
    environment.filters["code"] = markdown_code
    return environment.get_template(name)


def markdown_text(words: object) -> str:
    """Return any text as one line that Markdown shows literally."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(words).split()))


def markdown_code(words: object) -> str:
    """Return any text as inline code of Markdown."""
    return "`" + " ".join(str(words).replace("`", "'").split()).replace("|", r"\|") + "`"


def _reader(package: str) -> Callable[[str], str]:
    def read(name: str) -> str:
        other, _, file = name.rpartition("/")
        return (files(other or package) / file).read_text(encoding="utf-8")

    return read
