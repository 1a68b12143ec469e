"""The recipe: everything a training is told, as one frozen typed tree. No heavy imports here."""

from mien.config.load import list_recipes, read_recipe, recipe_header, with_overrides
from mien.config.recipe import Recipe

__all__ = ["Recipe", "list_recipes", "read_recipe", "recipe_header", "with_overrides"]
