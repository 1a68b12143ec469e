"""Reads a search space from YAML or a mapping, with one-line errors, and writes it as YAML."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mien.config.yaml_text import NOT_YAML, parse_yaml, yaml_fault
from mien.errors import RecipeError
from mien.files.bounded import read_text
from mien.files.writing import as_path
from mien.limits import MAX_RECIPE_BYTES
from mien.registry import did_you_mean
from mien.text import counted
from mien.tuning.parameters import Choices, Parameter, Range, same_value
from mien.tuning.space import Space

RANGE_KEYS: Final = ("low", "high", "log", "step")
MOST_PARAMETERS: Final = 50
MOST_CHOICES: Final = 200


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


def yaml_of(space: Mapping[str, Any]) -> str:
    """Return the content of a space as YAML, with one line for each key."""
    import yaml

    return "".join(
        yaml.safe_dump({key: one}, default_flow_style=None, sort_keys=False, width=1000)
        for key, one in space.items()
    )


def _tree_of_file(space: str | Path) -> tuple[Any, str]:
    path = as_path(space, "space", RecipeError)
    try:
        return parse_yaml(read_text(path, MAX_RECIPE_BYTES)), str(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecipeError(f"{path}: can't read this search space ({reason})", path=path) from error
    except NOT_YAML as error:
        raise RecipeError(f"{path}: not valid YAML: {yaml_fault(error)}", path=path) from error


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
        raise RecipeError(f"{where}: {counted(len(values), 'choice')}, expected 2 to {MOST_CHOICES}")
    for at, one in enumerate(values):
        if any(same_value(one, other) for other in values[:at]):
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


def _fits(number: float) -> bool:
    return abs(number) < 1e300


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
