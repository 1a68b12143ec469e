"""Templates: the one set-up of jinja2, for reports, explorations and model cards.

A template lies beside the code that fills it in.
"""

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

_SPECIAL: Final = re.compile(r"([\\`*_|<\[])")
"""What would begin something else than text in Markdown, or end the cell of a table."""


def template(package: str, name: str) -> Template:
    """Return a template; what is filled into an `.html.j2` is escaped, in Markdown the filter `text` does it.

    Args:
        package: Where it lies, such as "mien.evaluation"; it may include other files from there.
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
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["text"] = markdown_text
    environment.filters["code"] = markdown_code
    return environment.get_template(name)


def markdown_text(words: object) -> str:
    """Return words as Markdown shows them in one line, wherever they came from."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(words).split()))


def markdown_code(words: object) -> str:
    """Return words as code within a line of Markdown."""
    return "`" + " ".join(str(words).replace("`", "'").split()).replace("|", r"\|") + "`"


def _reader(package: str) -> Callable[[str], str]:
    return lambda name: (files(package) / name).read_text(encoding="utf-8")
