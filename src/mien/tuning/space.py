"""The search space of a study: recipe keys with ranges or choices, checked with the recipe.

    optimizer.lr: {low: 0.02, high: 0.5, log: true}
    network.dense.0.dropout: {low: 0.2, high: 0.6, step: 0.1}
    train.batch_size: [64, 128, 256]
    schedule: [{kind: cosine}, {kind: one_cycle, pct_start: 0.3}]

Keys may be nested as in a recipe. A range whose limits are whole numbers gives whole numbers.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from mien.config.load import with_overrides
from mien.config.recipe import DESCRIPTIVE, Recipe
from mien.errors import RecipeError
from mien.tuning.parameters import Choices, Parameter, Range, Value, is_stored_tree, stored

SELECTION: Final = ("data.validation", "data.holdout", "data.faces", "train.seed", "train.monitor_split")
"""Keys that decide on which faces trials are compared."""


@dataclass(frozen=True)
class Space:
    """A search space.

    Attributes:
        parameters: Range or choices of each recipe key.
    """

    parameters: Mapping[str, Parameter]

    def to_json(self) -> dict[str, Any]:
        """Return the space as in a YAML file."""
        return {key: one.to_json() for key, one in self.parameters.items()}

    def overrides(self, values: Mapping[str, Value]) -> list[str]:
        """Return the overrides of a recipe that give it the values of a trial.

        Sections come before the keys in them, whose values they would replace.
        """
        return [
            f"{key}={values[key] if is_stored_tree(values[key]) else json.dumps(values[key])}"
            for key in sorted(values, key=lambda key: key.count("."))
        ]

    def values_of(self, recipe: Recipe) -> dict[str, Value] | None:
        """Return the recipe's own values of the keys; None if one is outside of the space."""
        tree = recipe.model_dump(mode="json")
        own: dict[str, Value] = {}
        for key, one in self.parameters.items():
            found = _own_choice(recipe, key, one) if isinstance(one, Choices) else [_value_at(tree, key)]
            if not found or not one.contains(found[0]):
                return None
            own[key] = stored(found[0])
        return own


def require_space(space: Space, recipe: Recipe, where: str = "space") -> None:
    """Check that the recipe accepts the values of a space.

    One combination is checked, and every limit and choice in it. Trials may still combine values that a
    recipe refuses together; such a trial fails, and the study goes on.

    Raises:
        RecipeError: A key or a value is not valid, or decides on which faces trials are compared.
    """
    _require_keys(space, where)
    first, *others = (
        {key: stored(one.samples[at]) for key, one in space.parameters.items()} for at in (0, -1, 1)
    )
    try:
        _require_accepted(space, recipe, first, where)
    except RecipeError:
        for values in others:  # an error about a limit, which is in the file, is clearer
            _require_accepted(space, recipe, values, where)
        raise
    for key, one in space.parameters.items():
        for value in one.samples[1:]:
            _require_accepted(space, recipe, {**first, key: stored(value)}, where)


def _require_keys(space: Space, where: str) -> None:
    for key in space.parameters:
        if key in DESCRIPTIVE:
            raise RecipeError(f"{where}: {key}: a description, which changes no training")
        for other in space.parameters:
            if other.startswith(f"{key}.") and isinstance(space.parameters[key], Range):
                raise RecipeError(f"{where}: {other} is below {key}, which is a number")


def _require_accepted(space: Space, recipe: Recipe, values: Mapping[str, Value], where: str) -> None:
    try:
        changed = with_overrides(recipe, space.overrides(values))
    except RecipeError as error:
        raise RecipeError(f"{where}: {str(error).removeprefix('overrides: ')}") from error
    before, after = (one.model_dump(mode="json") for one in (recipe, changed))
    for key in SELECTION:
        if _value_at(before, key) != _value_at(after, key):
            raise RecipeError(
                f"{where}: {key} decides on which faces trials are compared, so all trials must have the "
                "same; leave it out"
            )


def _own_choice(recipe: Recipe, key: str, choices: Choices) -> list[Any]:
    """Return the choice that leaves a recipe as it is, alone in a list; none if there is none."""
    for value in choices.values:
        with suppress(RecipeError):
            if with_overrides(recipe, [f"{key}={json.dumps(value)}"]) == recipe:
                return [value]
    return []


def _value_at(tree: Any, key: str) -> Any:  # noqa: ANN401 - a YAML tree
    """Return the value at a dotted key; None if there is none."""
    for name in key.split("."):
        if isinstance(tree, list) and name.isdigit() and int(name) < len(tree):
            tree = tree[int(name)]
        elif isinstance(tree, Mapping):
            tree = tree.get(name)
        else:
            return None
    return tree
