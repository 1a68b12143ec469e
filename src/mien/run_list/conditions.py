"""Conditions on runs, such as `recipe=fast`, `accuracy>=65%` or `optimizer.lr<0.1`."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Final

from mien.config.yaml_text import NOT_YAML, parse_yaml
from mien.errors import MienError
from mien.run_list.columns import NUMBERS, value_of
from mien.run_list.summary import RunSummary

_CONDITION: Final = re.compile(r"\s*([\w.]+)\s*(!=|>=|<=|==|=|>|<)\s*(.*?)\s*", re.DOTALL)
_PERCENT: Final = re.compile(r"([-+]?[0-9.]+)\s*%")

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """A condition on the value of a column, or of a key of the recipe.

    Attributes:
        name: The column or the key.
        sign: "=", "!=", ">=", "<=", ">" or "<".
        value: The value as text; in a text, `*` stands for any characters.
    """

    name: str
    sign: str
    value: str

    def holds(self, run: RunSummary) -> bool:
        """Return whether a run meets the condition; one without the value is only unequal to it."""
        found, wanted = value_of(run, self.name), _parsed(self.value)
        if self.sign in _ORDER:
            return _is_ordered(found, wanted) and _ORDER[self.sign](found, wanted)
        return _is_equal(found, wanted, self.value) is (self.sign == "=")


def parse_condition(text: str) -> Condition:
    """Return the condition that a text states.

    Raises:
        MienError: It states none.
    """
    found = _CONDITION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise MienError(
            f"condition {text!r}: expected KEY=VALUE, or another sign (!=, <, <=, >, >=), such as "
            "state=finished or accuracy>=65%"
        )
    name, sign, value = found.groups()
    if sign in _ORDER and name in NUMBERS and not isinstance(_parsed(value), int | float):
        raise MienError(
            f"condition {text!r}: {name} is a number; expected one after {sign}, such as 0.5 or 65%"
        )
    return Condition(name, "=" if sign == "==" else sign, value)


def _parsed(text: str) -> Any:  # noqa: ANN401 - any value of YAML
    percent = _PERCENT.fullmatch(text)
    try:
        value = float(percent[1]) / 100 if percent else parse_yaml(text)
    except NOT_YAML:
        return text
    return text if isinstance(value, date) else value


def _is_ordered(one: object, other: object) -> bool:
    numbers = all(isinstance(value, int | float) for value in (one, other))
    return numbers or (isinstance(one, str) and isinstance(other, str))


def _is_equal(found: object, wanted: object, text: str) -> bool:
    if isinstance(found, bool) or not isinstance(found, str):
        return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)
    return fnmatchcase(found.lower(), text.lower())
