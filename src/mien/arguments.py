"""Types of the arguments of public functions, checked before any work.

A wrong one is one clear error that names the argument, instead of a `TypeError` from within. Ranges are
checked where the values are used.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from numbers import Integral, Real
from os import PathLike
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from mien.errors import MienError

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST: Final = 60


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
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and value == value  # NaN is no number


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
TEXT: Final = Kind(lambda value: isinstance(value, str), "a string")
PATH: Final = Kind(lambda value: isinstance(value, str | PathLike), "a path")
TEXTS: Final = Kind(_are_texts, "a list of strings")
NAMES: Final = Kind(_are_names, "names of classes: a string, a list, or a dict of new names by old ones")
FUNCTION: Final = Kind(callable, "a function")


def optional(kind: Kind) -> Kind:
    """Return the kind of an argument that may be None."""
    return Kind(lambda value: value is None or kind.accepts(value), f"{kind.expected}, or None")


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
                if name in kinds and not kinds[name].accepts(value):
                    raise error(f"{name}={_shown(value)}, expected {kinds[name].expected}")
            return function(*args, **kwargs)

        return checking

    return decorate


def _shown(value: object) -> str:
    """A short text of a value; the type of one whose text is long."""
    if isinstance(value, str | int | float | bool | None) and len(text := repr(value)) <= _LONGEST:
        return text
    return f"<{type(value).__name__}>"
