"""The parameters of a search space: a range or choices for one recipe key, and the values of a trial."""

import json
import math
from dataclasses import dataclass
from typing import Any, Final

Value = None | bool | int | float | str
"""A value as Optuna stores it; lists and mappings are stored as JSON."""

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
        return any(same_value(value, one) for one in self.values)

    def to_json(self) -> list[Any]:
        """Return the choices as in a YAML file."""
        return list(self.values)


Parameter = Range | Choices


def stored(value: Any) -> Value:  # noqa: ANN401 - a YAML tree
    """Return a value as Optuna stores it."""
    return json.dumps(value) if isinstance(value, list | dict | tuple) else value


def text_of(value: Value) -> str:
    """Return a stored value as text for people; floats have four digits."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def is_stored_tree(value: object) -> bool:
    """Return whether a stored value is a list or a mapping."""
    return isinstance(value, str) and value[:1] in ("{", "[")


def same_value(one: object, other: object) -> bool:
    """Return whether two values are equal; `true` and 1 are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
