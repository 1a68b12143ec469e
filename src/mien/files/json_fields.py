"""Values of JSON from outside, checked key by key: what is not valid is one line of error.

Unknown keys are ignored, as a later version may have more.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from mien.errors import MienError
from mien.text import elided

Read = Callable[[Any], Any]
"""Returns a value of JSON as one of Python; raises ValueError or TypeError if it is not valid."""

MAX_COUNT: Final = 1 << 53
"""Largest whole number that all readers of JSON represent exactly."""


class Key(NamedTuple):
    """How the value of a key is read, and what is expected, for errors."""

    read: Read
    expected: str


def read_fields(values: object, keys: Mapping[str, Key], noun: str) -> dict[str, Any]:
    """Return the values of keys.

    Args:
        values: An object of JSON.
        keys: How the value of each key is read.
        noun: What the object is, in errors: "a face".

    Raises:
        MienError: It is no object, a key is missing, or its value is not valid.

    Examples:
        >>> read_fields({"width": 640, "new": 1}, {"width": Key(count, "pixels")}, "a result")
        {'width': 640}
    """
    if not isinstance(values, Mapping):
        raise MienError(f"{noun} of type {type(values).__name__}, expected an object of JSON")
    fields = {}
    for name, key in keys.items():
        if name not in values:
            raise MienError(f"{noun}: no key {name!r}, expected {key.expected}")
        try:
            fields[name] = key.read(values[name])
        except (TypeError, ValueError) as error:
            raise MienError(f"{noun}: {name} is {_shown(values[name])}, expected {key.expected}") from error
    return fields


def require(is_valid: object) -> None:
    """Raise ValueError unless a condition is true."""
    if not is_valid:
        raise ValueError


def number(low: float, high: float) -> Callable[[Any], float]:
    """Return a reader of numbers from `low` to `high`."""

    def read(value: Any) -> float:  # noqa: ANN401 - any JSON
        require(type(value) in (int, float) and low <= value <= high)
        return float(value)

    return read


def count(value: Any) -> int:  # noqa: ANN401
    """Return a whole number from 0."""
    require(type(value) is int and 0 <= value <= MAX_COUNT)
    return int(value)


def text(value: Any) -> str:  # noqa: ANN401
    """Return a string."""
    require(isinstance(value, str))
    return str(value)


def flag(value: Any) -> bool:  # noqa: ANN401
    """Return a boolean."""
    require(isinstance(value, bool))
    return bool(value)


def items(value: Any) -> Sequence[Any]:  # noqa: ANN401
    """Return an array, with any items."""
    require(isinstance(value, list | tuple))
    return list(value)


def texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return an array of strings."""
    return tuple(map(text, items(value)))


def mapping(value: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an object, with any values."""
    require(isinstance(value, Mapping))
    return {text(name): one for name, one in value.items()}


def texts_by_name(value: Any) -> dict[str, str]:  # noqa: ANN401
    """Return an object whose values are strings."""
    return {name: text(one) for name, one in mapping(value).items()}


def exactly(expected: int) -> Read:
    """Return a reader of one whole number, such as a version."""

    def read(value: Any) -> int:  # noqa: ANN401 - any JSON
        require(type(value) is int and value == expected)
        return expected

    return read


def or_none(read: Read) -> Read:
    """Return a reader of values that may be null."""
    return lambda value: None if value is None else read(value)


def _shown(value: object) -> str:
    """A short text of a value; Python refuses to write integers of thousands of digits."""
    try:
        return "null" if value is None else elided(repr(value), 60)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"
