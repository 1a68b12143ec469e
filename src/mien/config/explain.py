"""Errors of a recipe in one line for users, from pydantic's validation errors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mien.config.parts import MISSING_KIND, UNKNOWN_KIND, ByKind
from mien.config.recipe import Recipe

UNKNOWN_KEY: Final = "extra_forbidden"
"""Pydantic's type of the error of an unknown key."""

MOST_HINTS: Final = 4
"""Most keys that are suggested for an unknown one."""

_SYNONYMS: Final = {
    "learning_rate": "lr",
    "n_epochs": "epochs",
    "max_epochs": "epochs",
    "random_seed": "seed",
    "l2": "weight_decay",
}
"""Names of other libraries for keys of a recipe that are spelled otherwise."""

_SHAPES: Final = {
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "tuple_type": "a list",
    "too_short": "a longer list",
}
"""What was expected instead of a value that is no mapping or list, by pydantic's type of the error."""

_LIMITS: Final = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
"""Pydantic's types of the errors of a number outside its range."""

_WORDS: Final = {"ge": "at least", "gt": "over", "le": "at most", "lt": "under"}
"""Words of the limits of a range."""


def explained(problem: Mapping[str, Any], tree: Mapping[str, Any]) -> str:
    """Return what is wrong with a recipe: where, what was expected, and what was found.

    Args:
        problem: One of the errors of a `pydantic.ValidationError` of `Recipe`.
        tree: The recipe as it was read.
    """
    keys = [str(step) for step in problem["loc"]]
    path = ".".join(keys)
    match problem:
        case {"type": "extra_forbidden"}:
            return f"unknown key {path!r}{_hint(keys, _type_at(problem['loc'][:-1], tree))}"
        case {"type": "value_error", "ctx": {"error": error}}:
            return f"{path}: {error}" if path else str(error)  # of the whole recipe
        case {"type": str(kind), "msg": text} if kind == MISSING_KIND:
            return f"{path}.kind is missing; expected one of {text}"
        case {"type": str(kind), "msg": text} if kind == UNKNOWN_KIND:
            return f"{path}.kind: {text}"
    given = problem["input"]
    found = "" if problem["type"] == "missing" else f", found {'nothing' if given is None else _shown(given)}"
    if problem["type"] in _SHAPES:
        example = _yaml(_example(_field_at(problem["loc"], tree)))
        return f"{path}: expected {_SHAPES[problem['type']]}, such as {example}{found}"
    if problem["type"] in _LIMITS:
        return f"{path}: expected {_range(_field_at(problem['loc'], tree), problem['ctx'])}{found}"
    return f"{path}: {problem['msg']}{found}"


def _shown(given: object) -> str:
    """The text of a value; Python refuses to write integers of thousands of digits."""
    try:
        return repr(given)
    except ValueError:
        return "a number of thousands of digits"


def _range(field: FieldInfo, broken: Mapping[str, float]) -> str:
    """The range of a number in words, such as "24 to 224".

    Args:
        field: The field, whose limits are all named.
        broken: The limit that the value violates: "ge", "gt", "le" or "lt", and its number.
    """
    limits = dict(broken)
    for entry in field.metadata:
        limits |= {name: getattr(entry, name) for name in ("ge", "gt", "le", "lt") if hasattr(entry, name)}
    if field.annotation is int and "lt" in limits:
        limits["le"] = limits.pop("lt") - 1
    if limits.keys() == {"ge", "le"}:
        return f"{limits['ge']:g} to {limits['le']:g}"
    return "a number " + " and ".join(
        f"{words} {limits[name]:g}" for name, words in _WORDS.items() if name in limits
    )


def _hint(keys: Sequence[str], section: type[BaseModel]) -> str:
    """The known key that is most like an unknown one of a section, in the same section if there is one."""
    from difflib import get_close_matches

    sections = [key for key in keys if not key.isdigit()]
    places = sorted(set(_places(Recipe)), key=lambda place: (place[:-1] != tuple(sections[:-1]), place))
    wanted = _SYNONYMS.get(keys[-1].lower(), keys[-1])
    matches = get_close_matches(wanted, [place[-1] for place in places], n=1)
    if not matches:
        return ""
    place = next(place for place in places if place[-1] == matches[0])
    if place[:-1] == tuple(sections[:-1]):
        meant = ".".join([*keys[:-1], place[-1]])
        if place[-1] in section.model_fields:
            return f" (did you mean {meant!r}?)"
        return " (another kind has it)" if place == tuple(sections) else f" (another kind has {meant!r})"
    others = sorted((other for other in places if other[-1] == place[-1]), key=len)
    named = [repr(".".join(other)) for other in others if len(other) == len(others[0])]
    return f" (did you mean {' or '.join(named[:MOST_HINTS])}?)"


def _places(annotation: Any, *above: str) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - any annotation
    """Every key that a recipe may have, below the keys above it; positions in lists are left out."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        for part in get_args(annotation):
            yield from _places(part, *above)
        return
    for name, field in annotation.model_fields.items():
        yield (*above, name)
        by_kind = _by_kind(field)
        kinds = [kind for _, kind in by_kind.registry.loadable()] if by_kind else [field.annotation]
        for kind in kinds:
            yield from _places(kind, *above, name)


def _by_kind(field: FieldInfo) -> ByKind | None:
    """The registry of a section that is found by its kind."""
    return next((entry for entry in field.metadata if isinstance(entry, ByKind)), None)


def _field_at(location: Sequence[str | int], tree: Any) -> FieldInfo:  # noqa: ANN401 - a YAML tree
    """The field of the schema at a location in a recipe."""
    return _field_of(_type_at(location[:-1], tree), location[-1])


def _type_at(location: Iterable[str | int], tree: Any) -> Any:  # noqa: ANN401 - a YAML tree, any type
    """The type of the value at a location in a recipe: of a section, that of its kind."""
    kind: Any = Recipe
    for step in location:
        field = _field_of(kind, step)
        tree = tree[step] if isinstance(step, int) else tree.get(step)
        by_kind = _by_kind(field)
        kind = (
            by_kind.registry.get(tree.get("kind", by_kind.default)) if by_kind else _plain(field.annotation)
        )
    return kind


def _field_of(kind: Any, step: str | int) -> FieldInfo:  # noqa: ANN401 - any type
    """The field of a key of a section, or of the items of a list."""
    return FieldInfo.from_annotation(get_args(kind)[0]) if isinstance(step, int) else kind.model_fields[step]


def _plain(annotation: Any) -> Any:  # noqa: ANN401 - any annotation
    """The type of a value without metadata and None."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return next(kind for kind in get_args(annotation) if kind is not NoneType)
    return annotation


def _example(field: FieldInfo) -> object:
    """The shortest valid value: a section's required keys, or else its first key."""
    by_kind = _by_kind(field)
    if by_kind:
        name = next(iter(by_kind.registry.builtins))
        return {"kind": name, **_required(by_kind.registry.get(name))}
    kind = _plain(field.annotation)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        first = next(iter(kind.model_fields))
        return _required(kind) or {first: _example(kind.model_fields[first])}
    if field.examples:
        return field.examples[0]
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple and (field.is_required() or not field.default):
        return [_example(FieldInfo.from_annotation(get_args(kind)[0]))]
    return field.default


def _required(model: type[BaseModel]) -> dict[str, object]:
    """Examples of the required keys of a section, without the kind."""
    fields = model.model_fields.items()
    return {name: _example(field) for name, field in fields if field.is_required() and name != "kind"}


def _yaml(value: object) -> str:
    """YAML in one line."""
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000).strip()
