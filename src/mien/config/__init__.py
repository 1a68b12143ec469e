"""The recipe: the configuration of a training, as a frozen typed tree. Nothing heavy is imported here."""

from typing import TYPE_CHECKING

from mien.lazy import lazy_names

if TYPE_CHECKING:
    from mien.config.load import list_recipes, read_recipe, recipe_header, recipe_summary, with_overrides
    from mien.config.recipe import Recipe

_READING = ("list_recipes", "read_recipe", "recipe_header", "recipe_summary", "with_overrides")

__all__ = ["Recipe", "list_recipes", "read_recipe", "recipe_header", "recipe_summary", "with_overrides"]

__getattr__ = lazy_names(
    __name__,
    {"Recipe": "mien.config.recipe"} | dict.fromkeys(_READING, "mien.config.load"),
)
