"""The pages of the recipes, from their files: what each states in its header, its cost and its result."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from generate.markdown import escaped, prose, table
from mien.config import list_recipes, recipe_header, recipe_summary
from mien.config.load import read_recipe_tree

FOLDER: Final = "recipes"

INDEX: Final = """\
# Recipes

A recipe is one YAML file with everything that a training depends on: preprocessing, augmentation, network,
loss, optimizer, schedule. `mien train NAME --data fer2013.csv` trains one; `--set optimizer.lr=0.01`
overrides any value; `mien recipes show NAME` prints one with all its values and the layers of its network.

{recipes}

Cost and result were measured on the machine and data that each recipe's page states. "PublicTest" is
FER2013's validation split: the checkpoint is selected on it, so a result on it is a validation accuracy,
and PrivateTest is held out. "±" is the standard deviation over seeds. "TTA" is test-time augmentation: the
mean over several views of a face.
"""

PAGE: Final = """\
# {name}

{title}.

| | |
| --- | --- |
| network | {network} |
| cost | {cost} |
| result | {result} |

{header}

## File

`src/mien/recipes/{name}.yaml`, installed with mien. Keys that it doesn't name have their default;
`mien recipes show {name}` prints them all.

```yaml
{text}
```
"""

_SHOWN_ABOVE: Final = ("#", "title:", "cost:", "result:")
"""Lines of a recipe's file that its page shows in another form."""

_PAGE: Final = re.compile(r"docs/([\w-]+)\.md")
_NAME: Final = re.compile(r"^[\w-]+: ")


def pages() -> dict[str, str]:
    """Return the index of the recipes and one page for each."""
    names = list_recipes()
    headings = ("recipe", "network", "cost", "result")
    return {f"{FOLDER}/index.md": INDEX.format(recipes=table(headings, map(_row, names)))} | {
        f"{FOLDER}/{name}.md": _page(name) for name in names
    }


def _row(name: str) -> tuple[str, str, str, str]:
    summary = recipe_summary(name)
    default = " (default)" if name == "fast" else ""
    return (
        f"[`{name}`]({name}.md){default}",
        _sentence(summary.title),
        escaped(summary.cost),
        escaped(summary.result),
    )


def _page(name: str) -> str:
    summary, tree = recipe_summary(name), read_recipe_tree(name)
    source = (files("mien") / "recipes" / f"{name}.yaml").read_text(encoding="utf-8")
    settings = "\n".join(line for line in source.splitlines() if not line.startswith(_SHOWN_ABOVE))
    return PAGE.format(
        name=name,
        title=_sentence(summary.title),
        network=f"`{tree['network']['kind']}`",
        cost=escaped(summary.cost),
        result=escaped(summary.result),
        header="\n\n".join(_blocks(recipe_header(name))),
        text=settings.strip(),
    )


def _blocks(header: str) -> Iterator[str]:
    """Yield the paragraphs and the commands of a recipe's header as Markdown; its first line is the title."""
    for position, block in enumerate(re.split(r"\n\s*\n", header.strip("\n"))):
        lines = block.splitlines()
        if all(line.startswith("    ") for line in lines):
            yield "\n".join(["```bash", *(line.strip() for line in lines), "```"])
        elif position:
            yield _linked(prose("\n".join(lines)))
        elif text := _NAME.sub("", " ".join(lines)):
            yield _linked(prose(text[:1].upper() + text[1:]))


def _sentence(text: str) -> str:
    return escaped(text[:1].upper() + text[1:].removesuffix("."))


def _linked(text: str) -> str:
    """Return Markdown with links to the pages that it names."""
    return _PAGE.sub(lambda found: f"[{found[1].replace('-', ' ')}](../{found[1]}.md)", text)
