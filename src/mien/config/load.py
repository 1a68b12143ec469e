"""Finding, reading, overriding and listing recipes."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from mien.arguments import TEXTS, checked, items_of
from mien.config.base import require_tree
from mien.config.explain import UNKNOWN_KEY, explained
from mien.config.recipe import DESCRIPTIVE, MEASURED, Recipe
from mien.config.renamed_keys import renamed_keys
from mien.config.training import Train
from mien.config.yaml_text import NOT_YAML, parse_yaml, yaml_fault
from mien.errors import RecipeError
from mien.files.bounded import read_text
from mien.files.identify import RECIPE, require_kind
from mien.files.writing import as_path
from mien.limits import MAX_OVERRIDE_KEYS, MAX_OVERRIDES, MAX_RECIPE_BYTES
from mien.registry import did_you_mean


class RecipeSummary(NamedTuple):
    """What `mien recipes` lists of a recipe."""

    title: str
    cost: str
    result: str


def list_recipes() -> list[str]:
    """Return the names of the recipes that ship with mien, sorted."""
    folder = files("mien") / "recipes"
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


@checked(RecipeError, overrides=TEXTS)
def read_recipe(name: str | Path, overrides: Iterable[str] = ()) -> Recipe:
    """Read a shipped recipe by name, or any recipe by the path of its YAML file.

    Args:
        name: A name from `list_recipes`, or a path.
        overrides: `key.of.the.tree=value` items; a value is read as YAML.

    Raises:
        RecipeError: There is no such recipe, it isn't valid YAML, or a key or value isn't valid.
    """
    tree, where = _recipe_tree(name)
    return _changed(tree, overrides, where)


def read_recipe_tree(name: str | Path) -> dict[str, Any]:
    """Read a recipe as a tree, without validating its keys, which would import torch.

    Raises:
        RecipeError: As `read_recipe`, if it isn't valid YAML.
    """
    return _recipe_tree(name)[0]


def recipe_header(name: str | Path) -> str:
    """Return the comment at the beginning of a recipe, which describes it."""
    lines = _recipe_text(name)[0].splitlines()
    header = []
    for line in lines:
        if not line.startswith("#"):
            break
        header.append(line.removeprefix("#").removeprefix(" "))
    return "\n".join(header)


def recipe_summary(name: str | Path) -> RecipeSummary:
    """Return title, cost and result of a recipe, without validating its other keys.

    Validation imports the network's module, and with it torch.

    Raises:
        RecipeError: As `read_recipe`.
    """
    tree, _ = _recipe_tree(name)
    return RecipeSummary(*(str(tree.get(key, "")) for key in ("title", "cost", "result")))


def training_options(tree: Mapping[str, Any]) -> Train:
    """Return the `train` section of a recipe's tree, without validating the others, which would import torch.

    Raises:
        RecipeError: A key is unknown or missing, or a value is out of range.
    """
    try:
        return Train.model_validate(tree.get("train"))
    except ValidationError as error:
        raise RecipeError(f"train: {error.errors()[0]['msg']}") from error


def with_overrides(recipe: Recipe, overrides: Iterable[str]) -> Recipe:
    """Return `recipe` with `key.of.the.tree=value` items applied.

    If any other key changes, `cost` and `result` are removed, since they were measured without the change.

    Raises:
        RecipeError: A key is unknown, or a value is not valid.
    """
    return _changed(recipe.model_dump(mode="json"), overrides, "overrides")


def recipe_from(tree: Mapping[str, Any], overrides: Iterable[str] = ()) -> Recipe:
    """Return the recipe of a mapping of its keys, with `key.of.the.tree=value` items applied.

    Raises:
        RecipeError: A key is unknown or missing, or a value is out of range.
    """
    try:
        require_tree(tree)
    except ValueError as error:
        raise RecipeError(f"recipe: {error}") from error
    return _changed(dict(tree), overrides, "recipe")


def _changed(tree: dict[str, Any], overrides: Iterable[str], where: str) -> Recipe:
    items = items_of(overrides, "overrides", MAX_OVERRIDES, RecipeError)
    changed = _overridden(tree, items)
    if any(changed.get(key) != tree.get(key) for key in {*changed, *tree} - DESCRIPTIVE):
        given = {item.partition("=")[0].strip() for item in items}
        changed = {key: value for key, value in changed.items() if key not in MEASURED - given}
    return _validated(changed, where)


def _recipe_tree(name: str | Path) -> tuple[dict[str, Any], str]:
    text, where = _recipe_text(name)
    try:
        tree = parse_yaml(text)
    except NOT_YAML as error:
        raise RecipeError(f"{where}: not valid YAML: {yaml_fault(error)}") from error
    if not isinstance(tree, dict):
        raise RecipeError(f"{where}: expected a YAML mapping, found {type(tree).__name__}")
    return tree, where


def _recipe_text(name: str | Path) -> tuple[str, str]:
    path = as_path(name, "recipe", RecipeError)
    known = list_recipes()
    if str(name) not in known:
        require_kind(path, "a recipe (.yaml)", (RECIPE,), RecipeError)
    if path.suffix in {".yaml", ".yml"}:
        try:
            return read_text(path, MAX_RECIPE_BYTES), str(path)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise RecipeError(f"{path}: can't read this recipe ({reason})") from error
    if str(name) not in known:
        raise RecipeError(
            f"no recipe {str(name)!r}{did_you_mean(str(name), known)}; "
            f"give one of {', '.join(known)}, or the path of a .yaml file"
        )
    shipped = files("mien") / "recipes" / f"{name}.yaml"
    return shipped.read_text(encoding="utf-8"), f"recipe {name}"


_POSITION = re.compile(r"[0-9]{1,6}")

_KINDS = {f"{section}.kind" for section in ("network", "loss", "optimizer", "schedule")}
"""Another kind has other keys: an override of the kind removes those of the previous kind."""


def _overridden(tree: dict[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    items = [_text_of(item) for item in overrides]
    for item in sorted(items, key=lambda item: item.partition("=")[0].strip() not in _KINDS):
        key, equals, text = item.partition("=")
        if not (equals and all(part.strip() for part in key.split("."))):
            raise RecipeError(f"override {item!r}: expected KEY=VALUE, such as train.epochs=20")
        if key.count(".") >= MAX_OVERRIDE_KEYS:
            raise RecipeError(
                f"override {item[:100]!r}: {key.count('.') + 1:,} levels of keys, expected "
                f"{MAX_OVERRIDE_KEYS} at most"
            )
        try:
            value = parse_yaml(text)
        except NOT_YAML as error:
            raise RecipeError(f"override {item!r}: the value is not valid YAML") from error
        keys = key.strip().split(".")
        section = tree.get(keys[0])
        if key.strip() in _KINDS and isinstance(section, dict) and section.get(keys[1]) != value:
            tree = {**tree, keys[0]: {}}
        tree = _with_value(tree, keys, value, key.strip())
    return tree


def _text_of(item: object) -> str:
    if not isinstance(item, str):
        raise RecipeError(
            f"override of type {type(item).__name__}, expected a text such as 'train.epochs=20'"
        )
    if len(item) > MAX_RECIPE_BYTES:
        raise RecipeError(f"override {item[:100]!r}: over {MAX_RECIPE_BYTES:,} characters")
    return item


def _with_value(tree: Any, keys: list[str], value: object, path: str) -> Any:  # noqa: ANN401 - a YAML tree
    key, *rest = keys
    if isinstance(tree, list):
        if not (_POSITION.fullmatch(key) and int(key) < len(tree)):
            raise RecipeError(f"{path!r}: {key!r} is not a position in a list of {len(tree)}")
        position = int(key)
        changed = _with_value(tree[position], rest, value, path) if rest else value
        return [*tree[:position], changed, *tree[position + 1 :]]
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise RecipeError(f"{path!r}: {key!r} is below a value that has no keys")
    return {**tree, key: _with_value(tree.get(key), rest, value, path) if rest else value}


def _validated(tree: dict[str, Any], where: str) -> Recipe:
    try:
        return Recipe.model_validate(tree)
    except ValidationError as error:
        renamed = ", ".join(f"{old} is now {new}" for old, new in renamed_keys(tree).items())
        if renamed:
            raise RecipeError(f"{where}: keys of an earlier version of mien: {renamed}") from error
        # An unknown key may be a misspelling of a missing one.
        problems = sorted(error.errors(include_url=False), key=lambda problem: problem["type"] != UNKNOWN_KEY)
        raise RecipeError(f"{where}: {explained(problems[0], tree)}") from error
