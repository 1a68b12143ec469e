"""Base classes of a recipe's sections: frozen, and an unknown key is an error."""

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mien.errors import MienError
from mien.limits import MAX_YAML_DEPTH, MAX_YAML_NODES

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
"""A fraction from 0 to 1, both included."""

Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
"""A probability below 1: dropping or erasing everything would leave nothing to learn from."""


if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # it has no public name


_HUGE = 1 << 63
_SINGLE = (int, float, str, bool, NoneType)


class _Constructed(ModelMetaclass):
    """Metaclass of models whose constructor raises `MienError`, in one line.

    Pydantic's own functions, such as `model_validate`, raise `ValidationError` with all problems.
    """

    def __call__(cls: Any, *args: Any, **values: Any) -> Any:  # noqa: N805, ANN401 - any model
        try:
            cls._require_finite(values)
            return ModelMetaclass.__call__(cls, *args, **values)
        except ValidationError as error:
            raise cls._refused(error, values) from error
        except ValueError as error:
            raise cls.error(f"{cls.__name__}: {error}") from error


class Strict(BaseModel, metaclass=_Constructed):
    """A frozen pydantic model that forbids unknown keys and non-finite numbers.

    Its constructor raises `MienError` if a key is unknown or missing, or a value is not valid.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    error: ClassVar[type[MienError]] = MienError
    """What the constructor raises."""

    @classmethod
    def _require_finite(cls, values: Mapping[str, Any]) -> None:
        """Refuse iterables that may have no end: pydantic iterates over any of them.

        Raises:
            ValueError: There is one.
        """
        level: list[tuple[str, Any]] = list(values.items())
        for _ in range(MAX_YAML_DEPTH):
            below = [one for name, value in level for one in _children(name, value)]
            level = [(name, value) for name, value in below if type(value) not in _SINGLE]
        if level:
            raise ValueError(f"over {MAX_YAML_DEPTH} levels of values")

    @classmethod
    def _refused(cls, error: ValidationError, values: Mapping[str, Any]) -> MienError:  # noqa: ARG003
        """Return what the constructor raises for values that are not valid."""
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        return cls.error(f"{cls.__name__}: {where}{': ' if where else ''}{problem['msg']}")


class Part(Strict):
    """A section of a recipe whose class is found by `kind` (see `mien.config.parts`)."""

    kind: str
    """Name of the class in its registry; a subclass may narrow it to a `Literal`."""


def require_tree(tree: Mapping[str, Any]) -> None:
    """Check that all collections in a tree are mappings, lists or tuples, and that it is not too large.

    Raises:
        ValueError: It is another tree.
    """
    level: list[tuple[str, Any]] = [("", tree)]
    count = 0
    for _ in range(MAX_YAML_DEPTH):
        level = [below for above in level for below in _children(*above)]
        count += len(level)
        if count > MAX_YAML_NODES:
            raise ValueError(f"over {MAX_YAML_NODES:,} keys and values")
    if level:
        raise ValueError(f"over {MAX_YAML_DEPTH} levels of keys")


def _children(where: str, value: object) -> Iterable[tuple[str, Any]]:
    """Return the values of a mapping, list or tuple, with their places; nothing of other values."""
    if isinstance(value, str | bytes | bytearray | BaseModel):
        return []
    if isinstance(value, int) and not -_HUGE <= value < _HUGE:
        raise ValueError(f"{where}: an integer of over 64 bits")
    if isinstance(value, Mapping):
        items: Iterable[tuple[object, Any]] = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    elif isinstance(value, Iterable):
        raise ValueError(  # noqa: TRY004 - of a value, not of an argument
            f"{where}: a {type(value).__name__}, expected a single value or a list"
        )
    else:
        return []
    return [(f"{where}.{key}" if where else str(key), below) for key, below in items]
