"""The search space of a study: recipe keys with ranges or choices, checked with the recipe.

    optimizer.lr: {low: 0.02, high: 0.5, log: true}
    network.dense.0.dropout: {low: 0.2, high: 0.6, step: 0.1}
    train.batch_size: [64, 128, 256]
    schedule: [{kind: cosine}, {kind: one_cycle, pct_start: 0.3}]

Keys may be nested as in a recipe. A range whose limits are whole numbers gives whole numbers.
"""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mien.bounded import read_text
from mien.config.load import with_overrides
from mien.config.recipe import DESCRIPTIVE, Recipe
from mien.config.yaml_text import NOT_YAML, parse_yaml
from mien.errors import RecipeError
from mien.files import as_path
from mien.limits import MAX_RECIPE_BYTES
from mien.registry import did_you_mean

Value = None | bool | int | float | str
"""A value as Optuna stores it; lists and mappings are stored as JSON."""

SELECTION: Final = ("data.validation", "data.holdout", "data.faces", "train.seed", "train.monitor_split")
"""Keys that decide on which faces trials are compared."""

RANGE_KEYS: Final = ("low", "high", "log", "step")
MOST_PARAMETERS: Final = 50
MOST_CHOICES: Final = 200

_INSIDE: Final = 0.381966
"""A fraction at which a range of floats has no whole number by chance."""


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included: whole ones if the limits and the step are whole.

    Attributes:
        low: Smallest number.
        high: Largest number.
        log: Drawn from the logarithm.
        step: Distance of the numbers.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the numbers are whole."""
        return all(isinstance(one, int) for one in (self.low, self.high, self.step or 1))

    @property
    def samples(self) -> tuple[float, ...]:
        """Numbers with which a recipe is checked: one inside, not whole by chance, and the limits."""
        step = self.step or (1 if self.is_whole else None)
        inside = self.low + _INSIDE * (self.high - self.low)
        if step is not None:
            inside = self.low + step * round((inside - self.low) / step)
        return inside, self.low, self.high

    def contains(self, value: object) -> bool:
        """Return whether a value is in the range; those between two steps aren't."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        steps = (value - self.low) / (self.step or (1 if self.is_whole else 0) or 1)
        on_grid = not (self.step or self.is_whole) or math.isclose(steps, round(steps), abs_tol=1e-6)
        return self.low <= value <= self.high and on_grid

    def to_json(self) -> dict[str, Any]:
        """Return the range as in a YAML file."""
        tree: dict[str, Any] = {"low": self.low, "high": self.high}
        if self.log:
            tree["log"] = True
        return tree if self.step is None else {**tree, "step": self.step}


@dataclass(frozen=True)
class Choices:
    """Values of which each trial has one.

    Attributes:
        values: As in a YAML file.
    """

    values: tuple[Any, ...]

    @property
    def samples(self) -> tuple[Any, ...]:
        """All values."""
        return self.values

    def contains(self, value: object) -> bool:
        """Return whether a value is one of them."""
        return any(_same(value, one) for one in self.values)

    def to_json(self) -> list[Any]:
        """Return the choices as in a YAML file."""
        return list(self.values)


Parameter = Range | Choices


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


def read_space(space: str | Path | Mapping[str, Any]) -> Space:
    """Read a search space.

    Args:
        space: The path of a YAML file, or a mapping with its content.

    Raises:
        RecipeError: It can't be read, or a range or a choice is not valid.
    """
    tree, where = (space, "space") if isinstance(space, Mapping) else _tree_of_file(space)
    if not isinstance(tree, Mapping) or not tree:
        raise RecipeError(
            f"{where}: expected recipe keys with ranges or choices, such as "
            "optimizer.lr: {low: 0.01, high: 0.3, log: true}"
        )
    found: dict[str, Parameter] = {}
    for key, one in _parameters(tree, where):
        if key in found:
            raise RecipeError(f"{where}: {key} is listed twice, dotted and nested")
        found[key] = one
    if len(found) > MOST_PARAMETERS:
        raise RecipeError(f"{where}: {len(found)} keys, expected {MOST_PARAMETERS} at most")
    return Space(found)


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


def stored(value: Any) -> Value:  # noqa: ANN401 - a YAML tree
    """Return a value as Optuna stores it."""
    return json.dumps(value) if isinstance(value, list | dict | tuple) else value


def text_of(value: Value) -> str:
    """Return a stored value as text for people; floats have four digits."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def yaml_of(space: Mapping[str, Any]) -> str:
    """Return the content of a space as YAML, with one line for each key."""
    import yaml

    return "".join(
        yaml.safe_dump({key: one}, default_flow_style=None, sort_keys=False, width=1000)
        for key, one in space.items()
    )


def is_stored_tree(value: object) -> bool:
    """Return whether a stored value is a list or a mapping."""
    return isinstance(value, str) and value[:1] in ("{", "[")


def _tree_of_file(space: str | Path) -> tuple[Any, str]:
    path = as_path(space, "space", RecipeError)
    try:
        return parse_yaml(read_text(path, MAX_RECIPE_BYTES)), str(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecipeError(f"{path}: can't read this search space ({reason})", path=path) from error
    except NOT_YAML as error:
        raise RecipeError(f"{path}: not valid YAML: {' '.join(str(error).split())}", path=path) from error


def _parameters(tree: Mapping[Any, Any], where: str, above: str = "") -> Iterator[tuple[str, Parameter]]:
    """Yield each key with its range or choices; a mapping without the keys of a range is a section."""
    for name, value in tree.items():
        key = f"{above}{name}"
        if isinstance(value, list | tuple):
            yield key, _choices(value, f"{where}: {key}")
        elif isinstance(value, Mapping) and "choices" in value:
            if len(value) > 1 or not isinstance(value["choices"], list | tuple):
                raise RecipeError(f"{where}: {key}: expected choices: [...] without other keys")
            yield key, _choices(value["choices"], f"{where}: {key}")
        elif isinstance(value, Mapping) and {"low", "high"} & value.keys():
            yield key, _range(value, f"{where}: {key}")
        elif isinstance(value, Mapping) and value:
            _refuse_misspelled_range(value, f"{where}: {key}")
            yield from _parameters(value, where, f"{key}.")
        else:
            raise RecipeError(
                f"{where}: {key}: {_short(value)}, expected a range such as {{low: 0.1, high: 0.5}}, or "
                "choices such as [64, 128]"
            )


def _refuse_misspelled_range(value: Mapping[Any, Any], where: str) -> None:
    for name, inner in value.items():
        hint = did_you_mean(str(name), ("low", "high", "choices"))
        if hint and not isinstance(inner, list | tuple | Mapping):
            raise RecipeError(f"{where}: unknown key {str(name)!r}{hint}; a range has low and high")


def _choices(values: list[Any] | tuple[Any, ...], where: str) -> Choices:
    if not 2 <= len(values) <= MOST_CHOICES:
        raise RecipeError(f"{where}: {len(values)} choices, expected 2 to {MOST_CHOICES}")
    for at, one in enumerate(values):
        if any(_same(one, other) for other in values[:at]):
            raise RecipeError(f"{where}: the choice {_short(one)} is listed twice")
        try:
            json.dumps(one, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise RecipeError(f"{where}: the choice {_short(one)} is no value of a recipe") from error
    return Choices(tuple(values))


def _range(tree: Mapping[Any, Any], where: str) -> Range:
    unknown = [name for name in tree if name not in RANGE_KEYS]
    if unknown:
        hint = did_you_mean(str(unknown[0]), RANGE_KEYS)
        raise RecipeError(
            f"{where}: unknown key {str(unknown[0])!r}{hint}; a range has {', '.join(RANGE_KEYS)}"
        )
    for name in ("low", "high"):
        if name not in tree:
            raise RecipeError(f"{where}: {name} is missing; a range has low and high")
    low, high, step = tree["low"], tree["high"], tree.get("step")
    for name, number in (("low", low), ("high", high), ("step", 1 if step is None else step)):
        if isinstance(number, bool) or not isinstance(number, int | float) or not _fits(number):
            raise RecipeError(f"{where}: {name}: {_short(number)}, expected a number")
    log = tree.get("log", False)
    if not isinstance(log, bool):
        raise RecipeError(f"{where}: log: {_short(log)}, expected true or false")
    _require_consistent(low, high, step, where, log=log)
    return Range(low, high, log, step)


def _require_consistent(low: float, high: float, step: float | None, where: str, *, log: bool) -> None:
    if not low < high:
        raise RecipeError(f"{where}: low is {low} and high {high}; expected low below high")
    if log and low <= 0:
        raise RecipeError(f"{where}: low is {low}; a range with log: true must begin above 0")
    if step is not None and log:
        raise RecipeError(f"{where}: step and log together; leave one of them out")
    if step is not None and not 0 < step <= high - low:
        raise RecipeError(f"{where}: step is {step}; expected more than 0, and at most {high - low:g}")


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


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _fits(number: float) -> bool:
    return abs(number) < 1e300


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
