"""`mien recipes`: list the recipes that ship with mien, and show one with its network."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.table import Table

from mien.cli import candidates
from mien.cli.option_groups import Name
from mien.cli.printing import print_result
from mien.cli.streams import require_output
from mien.cli.tables import new_table, result_console
from mien.console import Console
from mien.labels import EMOTIONS

if TYPE_CHECKING:
    from mien.config import Recipe
    from mien.models.summary import Row

app = App(name="recipes")


@app.default
def list_() -> None:
    """List the recipes that ship with mien: name, title, cost and result."""
    from mien.config import list_recipes, recipe_summary

    require_output()
    console = result_console()
    table = new_table(console, "name", "title", "cost", "result")
    for name in list_recipes():
        table.add_row(name, *recipe_summary(name))
    console.print(table)


@app.command
def show(
    name: Annotated[Name, Parameter(completer=candidates.recipes)],
    /,
    *,
    overrides: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
) -> None:
    """Print a recipe with all its values, and the layers of its network.

    Written to a file, the output is a recipe itself: mien recipes show cnn-sgd > mine.yaml

    Args:
        name: A name from `mien recipes`, or the path of a recipe's YAML file.
        overrides: Change a value first, such as --set network.width=0.5; repeatable.
    """
    from mien.config import read_recipe, recipe_header

    require_output()
    recipe = read_recipe(name, overrides)
    rows = _network_rows(recipe)
    _print_recipe(recipe, "\n".join([recipe_header(name), *_changes(overrides)]))
    _print_network(rows)


def _changes(overrides: "Sequence[str]") -> list[str]:
    """Comment lines about overrides, for the end of the header."""
    return (
        [f"\nChanged by {', '.join(overrides)}; the description above is of the unchanged recipe."]
        if overrides
        else []
    )


def _network_rows(recipe: "Recipe") -> "list[Row]":
    """Built before anything is printed, so that a network that can't be built gives only an error."""
    from mien.models import build_network
    from mien.models.summary import summarize

    size, channels = recipe.data.size, recipe.data.channels
    return summarize(
        build_network(recipe.network, len(EMOTIONS), size=size, channels=channels), size, channels
    )


def _print_recipe(recipe: "Recipe", header: str) -> None:
    import yaml

    is_unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")  # others get escapes of YAML
    tree = recipe.model_dump(mode="json", exclude_none=True)
    text = yaml.safe_dump(tree, sort_keys=False, default_flow_style=None, allow_unicode=is_unicode, width=100)
    print_result(_as_comment(header) + text)


def _print_network(rows: "Sequence[Row]") -> None:
    """Print the layers; as a comment if the output isn't a terminal, so that it is a valid recipe."""
    console = result_console()
    if console.is_terminal:
        console.print(_network_table(rows, console))
        return
    with console.capture() as captured:
        console.print(_network_table(rows, console))
    print_result(_as_comment(captured.get()), end="")


def _network_table(rows: "Sequence[Row]", console: Console) -> Table:
    from mien.models.summary import total

    table = new_table(console, "layer", "type", "output")
    for heading in ("parameters", "multiply-adds"):
        table.add_column(heading, justify="right")
    for row in (*rows, total(rows)):
        shape = " x ".join(map(str, row.shape))
        table.add_row(row.name, row.kind, shape, f"{row.parameters:,}", f"{row.multiply_adds:,}")
    return table


def _as_comment(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
