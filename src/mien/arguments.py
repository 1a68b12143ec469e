"""Arguments of public functions and fields of public classes, checked before any work.

A wrong one is one clear error that names the argument, instead of a `TypeError` from within. `checked` is for
functions, `require_fields` for dataclasses, `items_of` for iterables that become lists.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from itertools import islice
from math import isfinite
from numbers import Integral, Real
from os import PathLike
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from mien.errors import MienError

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST: Final = 60

_HUGE: Final = 1 << 63
"""Larger integers overflow where they are used; Python refuses to print those of thousands of digits."""

_SHARE: Final = "a number, 0 to 1"

_ROUNDING: Final = 0.02
"""Difference of a probability from 0 to 1 that rounding causes, at most; bfloat16 has 8 bits."""


class Kind(NamedTuple):
    """What an argument may be.

    Attributes:
        accepts: Returns whether a value is of this kind.
        expected: What it is called in errors.
    """

    accepts: Callable[[Any], bool]
    expected: str


def _is_flag(value: object) -> bool:
    is_boolean = isinstance(value, Integral) or type(value).__name__ in ("bool", "bool_")
    return is_boolean and value in (0, 1)


def _is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and abs(int(value)) < _HUGE


def _is_number(value: object) -> bool:
    """Whether a value is a number that a float can represent; NaN is none."""
    if isinstance(value, float):
        return value == value
    if isinstance(value, Integral):
        return _is_integer(value)
    return isinstance(value, Real) and value == value


def _is_finite(value: Any) -> bool:  # noqa: ANN401 - any argument
    return _is_number(value) and isfinite(value)


def _are_texts(value: object) -> bool:
    return (
        isinstance(value, Iterable)
        and not isinstance(value, str | bytes | bytearray)
        and not _is_closed(value)
        and getattr(value, "shape", None) != ()  # a scalar array can't be iterated
    )


def _are_names(value: object) -> bool:
    return isinstance(value, str | Mapping | list | tuple)


def _is_closed(value: object) -> bool:
    return bool(getattr(value, "closed", False))


FLAG: Final = Kind(_is_flag, "True or False")
INTEGER: Final = Kind(_is_integer, "a whole number")
NUMBER: Final = Kind(_is_number, "a number")
FINITE: Final = Kind(_is_finite, "a finite number")
SHARE: Final = Kind(lambda value: _is_number(value) and -_ROUNDING <= value <= 1 + _ROUNDING, _SHARE)
TEXT: Final = Kind(lambda value: isinstance(value, str), "a string")
PATH: Final = Kind(lambda value: isinstance(value, str | PathLike), "a path")
TEXTS: Final = Kind(_are_texts, "a list of strings")
NAMES: Final = Kind(_are_names, "names of classes: a string, a list, or a dict of new names by old ones")
FUNCTION: Final = Kind(callable, "a function")


def optional(kind: Kind) -> Kind:
    """Return the kind of an argument that may be None."""
    return Kind(lambda value: value is None or kind.accepts(value), f"{kind.expected}, or None")


def within(kind: Kind, least: float, most: float) -> Kind:
    """Return the kind of a number in a range; both limits are included."""
    expected = f"{kind.expected}, {_plain(least)} to {_plain(most)}"
    return Kind(lambda value: kind.accepts(value) and least <= value <= most, expected)


def _plain(limit: float) -> str:
    return f"{int(limit):,}" if limit == int(limit) else f"{limit:g}"


def of_type(cls: type, expected: str) -> Kind:
    """Return the kind of the instances of a class."""
    return Kind(lambda value: isinstance(value, cls), expected)


def tuple_of(kind: Kind, expected: str) -> Kind:
    """Return the kind of tuples whose items are of a kind."""
    return Kind(lambda value: isinstance(value, tuple) and all(map(kind.accepts, value)), expected)


def checked(
    error: type[MienError] = MienError, /, **kinds: Kind
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that checks arguments.

    Args:
        error: What a wrong argument raises.
        kinds: Kinds of arguments by name; others are not checked.

    Examples:
        >>> @checked(size=INTEGER)
        ... def grow(size):
        ...     return size + 1
        >>> grow(1)
        2
        >>> grow("x")
        Traceback (most recent call last):
        mien.errors.MienError: size='x', expected a whole number
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(function)

        @wraps(function)
        def checking(*args: P.args, **kwargs: P.kwargs) -> T:
            for name, value in signature.bind(*args, **kwargs).arguments.items():
                if name in kinds:
                    require(name, value, kinds[name], error)
            return function(*args, **kwargs)

        return checking

    return decorate


def require(name: str, value: object, kind: Kind, error: type[MienError] = MienError) -> None:
    """Check one argument.

    Raises:
        MienError: It is of another kind; the error is of the class `error`.
    """
    if not kind.accepts(value):
        raise error(f"{name}={shown(value)}, expected {kind.expected}")


def require_fields(record: object, kinds: Mapping[str, Kind], error: type[MienError] = MienError) -> None:
    """Check the attributes of an object, as the fields of a dataclass in its `__post_init__`.

    Raises:
        MienError: One is missing or of another kind; the error is of the class `error`.
    """
    for name, kind in kinds.items():
        value = getattr(record, name, NotImplemented)
        if not kind.accepts(value):
            raise error(f"{type(record).__name__}: {name}={shown(value)}, expected {kind.expected}")


def items_of(values: Iterable[T], name: str, most: int, error: type[MienError] = MienError) -> list[T]:
    """Return the items of an iterable, which may have no end, as a list.

    Args:
        values: The iterable.
        name: Name of the argument in errors.
        most: Largest number of items.
        error: What is raised.

    Raises:
        MienError: There are more items, or it can't be iterated, as a closed file.
    """
    try:
        found = list(islice(values, most + 1))
    except (TypeError, ValueError, OSError) as fault:
        raise error(f"{name} of type {type(values).__name__}: {fault}; expected a list") from fault
    if len(found) > most:
        raise error(f"{name}: more than {most:,} items")
    return found


def shown(value: object) -> str:
    """Return a short text of a value; the type of one whose text is long."""
    if isinstance(value, int) and abs(value) >= _HUGE:
        return "a number of over 64 bits"
    if isinstance(value, str | int | float | bool | None) and len(text := repr(value)) <= _LONGEST:
        return text
    return f"<{type(value).__name__}>"
