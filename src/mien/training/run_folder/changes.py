"""Which values of a run's recipe differ from those of the recipe that it is named after."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from mien.config.data import Augment, Data, Preprocess
from mien.config.load import list_recipes, read_recipe_tree
from mien.config.recipe import DESCRIPTIVE, Recipe
from mien.config.training import TTA, Train
from mien.training.run_folder.identity import changed_keys, is_section
from mien.training.run_folder.info import RunInfo

_EPOCHS: Final = "train.epochs"

_PARTS: Final[dict[str, type[BaseModel]]] = {
    "data": Data, "preprocess": Preprocess, "augment": Augment, "train": Train, "tta": TTA,
}  # fmt: skip
"""Sections that are validated without torch."""


def changes_between(before: Recipe, after: Recipe) -> dict[str, Any]:
    """Return the values of `after` that differ, by their dotted keys; None for a key that it lacks."""
    return _differing(before.model_dump(mode="json"), after.model_dump(mode="json"))


def remaining_changes(changes: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Return the changes that the recipe of a run has, after what it starts from has been decided."""
    tree = recipe.model_dump(mode="json")
    return {key: value for key, value in changes.items() if value_at(tree, key) == value}


def unused_changes(
    requested: Mapping[str, Any], remaining: Mapping[str, Any], *, pretrained: bool
) -> str | None:
    """Return one line about requested changes that the recipe of a run doesn't have, or None.

    Args:
        requested: The changes that were requested.
        remaining: Those that the recipe has.
        pretrained: The training starts from pretrained weights.
    """
    unused = ", ".join(key for key in requested if key not in remaining)
    if not unused:
        return None
    if pretrained:
        return f"{unused}: unused, since network, preprocessing and size are those of the pretrained weights"
    return f"{unused}: unused, since all layers are trained without pretrained weights"


def changes_of(info: RunInfo, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs in the recipe of a run; nothing if that is unknown.

    A run of a version that didn't record it is compared with the recipe of that name that ships with mien.
    Defaults of its network, loss, optimizer and schedule are not compared, as this would import torch.

    Args:
        info: The content of `run.json`.
        recipe: The recipe of the run as a tree.
    """
    if info.changes is None:
        shipped = _shipped_tree(info.recipe_name)
        return {} if shipped is None else _differing(shipped, _with_keys_of(shipped, recipe))
    extended = {_EPOCHS: value_at(recipe, _EPOCHS)} if info.extensions else {}
    return {**info.changes, **extended}


def value_at(tree: Any, key: str) -> Any:  # noqa: ANN401 - a tree
    """Return the value at a dotted key of a tree; None if there is none."""
    for part in key.split("."):
        if isinstance(tree, Mapping):
            tree = tree.get(part)
        elif isinstance(tree, list) and part.isdecimal() and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return None
    return tree


def dotted_keys(tree: Mapping[str, Any], above: str = "") -> Iterable[str]:
    """Yield the dotted keys of the values in a tree; a list is one value, and so are values by epoch."""
    for key, value in tree.items():
        path = f"{above}.{key}" if above else str(key)
        if is_section(value) and value:
            yield from dotted_keys(value, path)
        else:
            yield path


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    keys = (key for key in changed_keys(before, after) if key not in DESCRIPTIVE)
    return {key: value_at(after, key) for key in keys}


@lru_cache(maxsize=64)
def _shipped_tree(name: str) -> dict[str, Any] | None:
    """Return a shipped recipe with the defaults of `_PARTS`."""
    if name not in list_recipes():
        return None
    tree = read_recipe_tree(name)
    try:
        parts = {key: cls.model_validate(tree.get(key, {})) for key, cls in _PARTS.items()}
    except ValidationError:
        return None
    return {**tree, **{key: part.model_dump(mode="json") for key, part in parts.items()}}


def _with_keys_of(known: Any, tree: Any) -> Any:  # noqa: ANN401 - trees
    """Return `tree` without the keys that `known` lacks."""
    if isinstance(known, Mapping) and isinstance(tree, Mapping):
        return {key: _with_keys_of(known[key], value) for key, value in tree.items() if key in known}
    if isinstance(known, list) and isinstance(tree, list) and len(known) == len(tree):
        return [_with_keys_of(one, other) for one, other in zip(known, tree, strict=True)]
    return tree
