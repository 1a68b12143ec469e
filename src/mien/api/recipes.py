"""A recipe from any of the forms that Python users have it in."""

import json
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from mien.arguments import items_of
from mien.config.load import read_recipe, recipe_from, with_overrides
from mien.config.recipe import Recipe
from mien.errors import RecipeError
from mien.limits import MAX_OVERRIDES


def resolve_recipe(
    recipe: str | Path | Recipe | Mapping[str, Any], overrides: Mapping[str, Any] | Iterable[str] = ()
) -> tuple[str, Recipe]:
    """Return the name of a recipe, which names run folders, and the recipe with all overrides.

    Args:
        recipe: A name, the path of a YAML file, a `Recipe`, or a mapping of its keys; the last two
            are named "custom".
        overrides: Values by their key, such as `{"train.epochs": 5}`, or `"train.epochs=5"` strings.

    Raises:
        RecipeError: There is no such recipe, or a key or value is not valid.

    Examples:
        >>> name, recipe = resolve_recipe("demo", {"train.epochs": 2})
        >>> name, recipe.train.epochs
        ('demo', 2)
    """
    items = override_strings(overrides)
    if isinstance(recipe, Recipe):
        return "custom", with_overrides(recipe, items)
    if isinstance(recipe, Mapping):
        return "custom", recipe_from(recipe, items)
    if not isinstance(recipe, str | PathLike):
        raise RecipeError(
            f"recipe of type {type(recipe).__name__}, expected a name, a path, a Recipe or a mapping"
        )
    return Path(recipe).stem, read_recipe(recipe, items)


def override_strings(overrides: Mapping[str, Any] | Iterable[str]) -> list[str]:
    """Return overrides as `key=value` strings; values are written as JSON, which YAML includes.

    Raises:
        RecipeError: A value has no JSON form, or a string was passed where several are expected.

    Examples:
        >>> override_strings({"train.epochs": 5, "augment.flip": False})
        ['train.epochs=5', 'augment.flip=false']
    """
    if isinstance(overrides, str):
        raise RecipeError(f"overrides: expected a mapping or a sequence of strings, such as [{overrides!r}]")
    if not isinstance(overrides, Mapping):
        return items_of(overrides, "overrides", MAX_OVERRIDES, RecipeError)
    return [f"{key}={_as_json(key, value)}" for key, value in overrides.items()]


def _as_json(key: str, value: object) -> str:
    try:
        return json.dumps(value, default=_plain, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RecipeError(
            f"override {key!r}: a {type(value).__name__} is no recipe value ({error})"
        ) from error


def _plain(value: Any) -> Any:  # noqa: ANN401 - any pydantic model
    """A part of a recipe, such as `mien.models.plain.Plain(...)`, as plain values."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError("expected numbers, strings, lists, mappings or parts of a recipe")
