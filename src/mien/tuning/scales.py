"""Positions of the values of a parameter on an axis from 0 to 1, and their ticks. No matplotlib."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mien.text import elided
from mien.tuning.parameters import Choices, Parameter, Range, Value, stored

MOST_TICKS: Final = 5
LONGEST: Final = 16
"""Characters of the name of a choice."""


@dataclass(frozen=True)
class Scale:
    """An axis from 0 to 1.

    Attributes:
        position: Returns the position of a value.
        ticks: Values that are marked, with their text.
    """

    position: Callable[[Any], float]
    ticks: tuple[tuple[Value, str], ...]

    @property
    def few_ticks(self) -> tuple[tuple[Value, str], ...]:
        """The ticks of a narrow axis: the first, the middle one and the last, or all of up to four."""
        if len(self.ticks) <= 4:
            return self.ticks
        return self.ticks[0], self.ticks[len(self.ticks) // 2], self.ticks[-1]


def scale_of(parameter: Parameter) -> Scale:
    """Return the scale of a range (linear or logarithmic) or of choices (evenly spaced)."""
    return _of_range(parameter) if isinstance(parameter, Range) else _of_choices(parameter)


def _of_range(one: Range) -> Scale:
    def transformed(value: float) -> float:
        return math.log(value) if one.log else float(value)

    low, high = transformed(one.low), transformed(one.high)

    def position(value: float) -> float:
        return (transformed(value) - low) / (high - low)

    steps = (
        np.geomspace(one.low, one.high, MOST_TICKS) if one.log else np.linspace(one.low, one.high, MOST_TICKS)
    )
    numbers = sorted({round(float(step)) if one.is_whole else float(step) for step in steps})
    return Scale(position, tuple((number, _number(number)) for number in numbers))


def _of_choices(choices: Choices) -> Scale:
    values = [stored(value) for value in choices.values]
    last = len(values) - 1

    def position(value: Value) -> float:
        return next((at / last for at, one in enumerate(values) if one == value), 0.0)

    shown = values if len(values) <= 12 else values[:: max(1, last // MOST_TICKS)]
    return Scale(position, tuple((value, _name(value)) for value in shown))


def _number(value: float) -> str:
    return f"{value:.3g}"


def _name(value: Value) -> str:
    """The name of a choice, as in YAML; that of a section by its kind."""
    import json

    if isinstance(value, str) and value.startswith("{"):
        return elided(str(json.loads(value).get("kind", value)), LONGEST)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return elided(_number(value) if isinstance(value, float) else str(value), LONGEST)
