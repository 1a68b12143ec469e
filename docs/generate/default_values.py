"""An extension of Griffe: signatures show the values of constants, such as "small" for DEFAULT."""

from typing import Any

from griffe import Attribute, Expr, ExprName, Extension, Function, GriffeError


class DefaultValues(Extension):
    """Replaces names of constants by their values where these are numbers or strings."""

    def on_function(self, *, func: Function, **_: object) -> None:
        """Change the defaults of a function's parameters."""
        for parameter in func.parameters:
            if isinstance(parameter.default, ExprName) and (value := _value(func, parameter.default)):
                parameter.default = value


def _value(func: Function, name: ExprName) -> str:
    """Return the source of a constant's value; "" if it is none that is short."""
    try:
        found: Any = func.module[name.name]
        found = found.final_target if found.is_alias else found
    except (GriffeError, KeyError):
        return ""
    value = found.value if isinstance(found, Attribute) else None
    return "" if value is None or isinstance(value, Expr) else str(value)
