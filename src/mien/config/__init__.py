"""The recipe: everything a training is told, as one frozen typed tree. No heavy imports here."""

from typing import TYPE_CHECKING

from mien.lazy import lazy_names

if TYPE_CHECKING:
    from mien.config.load import list_recipes, read_recipe, recipe_header, with_overrides
    from mien.config.recipe import Recipe

__all__ = ["Recipe", "list_recipes", "read_recipe", "recipe_header", "with_overrides"]

__getattr__ = lazy_names(
    __name__,
    {"Recipe": "mien.config.recipe"}
    | dict.fromkeys(("list_recipes", "read_recipe", "recipe_header", "with_overrides"), "mien.config.load"),
)
