"""What is wrong with a recipe, in one plain line: pydantic's words are for programmers."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mien.config.recipe import Recipe

UNKNOWN_KEY: Final = "extra_forbidden"
"""Pydantic's type of the error of a key that isn't known."""

MOST_HINTS: Final = 3
"""Keys that are named where a misspelled one may stand for several."""

_SHAPES: Final = {
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "tuple_type": "a list",
    "too_short": "a longer list",
}
"""What was expected where something else than a tree or a list stands, by pydantic's type of the error."""


def explained(problem: Mapping[str, Any], tree: Mapping[str, Any]) -> str:
    """Return what is wrong with a recipe: where, what was expected, and what was found.

    Args:
        problem: One of the errors of a `pydantic.ValidationError` of `Recipe`.
        tree: The recipe that was refused.
    """
    keys = list(_keys(problem["loc"], tree))
    path = ".".join(keys)
    if problem["type"] == UNKNOWN_KEY:
        return f"unknown key {path!r}{_hint(keys)}"
    match problem:
        case {"type": "value_error", "ctx": {"error": error}}:
            return f"{path}: {error}" if path else str(error)  # of the whole recipe
        case {"type": "union_tag_not_found", "ctx": {"discriminator": key}}:
            return f"{path}: its {key} is missing, which says what it is"
        case {"type": "union_tag_invalid", "ctx": context}:
            return _of_kind(path, context)
    given = problem["input"]
    found = "" if problem["type"] == "missing" else f", found {'nothing' if given is None else repr(given)}"
    if problem["type"] in _SHAPES:
        example = _yaml(_example(_field_at(problem["loc"])))
        return f"{path}: expected {_SHAPES[problem['type']]}, such as {example}{found}"
    return f"{path}: {problem['msg']}{found}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known word that a misspelled one may stand for; "" without such a one."""
    matches = get_close_matches(word, list(known), n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""


def _keys(location: Iterable[str | int], tree: Any) -> Iterator[str]:  # noqa: ANN401 - a YAML tree
    """The keys a user would write to get to `location`, which also holds the kinds of the parts."""
    for part in location:
        if isinstance(tree, dict) and part not in tree and part in (tree.get("kind"), tree.get("family")):
            continue
        yield str(part)
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            tree = None


def _hint(keys: Sequence[str]) -> str:
    """The known key that a misspelled or misplaced one may stand for, with all that leads to it."""
    sections = [key for key in keys if not key.isdigit()]
    places = sorted(set(_places(Recipe)), key=lambda place: (place[:-1] != tuple(sections[:-1]), place))
    matches = get_close_matches(keys[-1], [place[-1] for place in places], n=1)
    if not matches:
        return ""
    place = next(place for place in places if place[-1] == matches[0])
    if place == tuple(sections):
        return " (another family or kind has it)"
    if place[:-1] == tuple(sections[:-1]):
        return f" (did you mean {'.'.join([*keys[:-1], place[-1]])!r}?)"
    others = sorted((other for other in places if other[-1] == place[-1]), key=len)
    named = [repr(".".join(other)) for other in others if len(other) == len(others[0])]
    return f" (did you mean {' or '.join(named[:MOST_HINTS])}?)"


def _of_kind(path: str, context: Mapping[str, str]) -> str:
    """What to take where a part is of a kind that there isn't."""
    kinds = re.findall("'([^']*)'", context["expected_tags"])
    hint = nearest(context["tag"], kinds)
    key = context["discriminator"].strip("'")
    return f"{path}.{key}: there is no {context['tag']!r}{hint}; take one of {', '.join(kinds)}"


def _places(kind: Any, *above: str) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - any annotation
    """Every key that a recipe may have, with those that lead to it; positions in lists are left out."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield (*above, name)
            yield from _places(field.annotation, *above, name)
    else:
        for part in get_args(kind):
            yield from _places(part, *above)


def _field_at(location: Iterable[str | int]) -> FieldInfo:
    """What the schema says of a place in a recipe."""
    field = FieldInfo.from_annotation(Recipe)
    for step in location:
        field = next(below for kind in _kinds(field.annotation) for below in _below(kind, step))
    return field


def _below(kind: Any, step: str | int) -> Iterator[FieldInfo]:  # noqa: ANN401 - any annotation
    """What lies one step below: a key's value, an item of a list, or the part that is of this kind."""
    if get_origin(kind) is tuple:
        yield FieldInfo.from_annotation(get_args(kind)[0])
    elif step in kind.model_fields:
        yield kind.model_fields[step]
    elif any(step in get_args(field.annotation) for field in kind.model_fields.values()):
        yield FieldInfo.from_annotation(kind)


def _kinds(annotation: Any) -> list[Any]:  # noqa: ANN401 - any annotation
    """The types that a value may have, but for None."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for kind in get_args(annotation) if kind is not NoneType]
    return [annotation]


def _example(field: FieldInfo) -> object:
    """The least that a user could write there: of a tree what has no default, or else its first key."""
    kind = _kinds(field.annotation)[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields
        least = [name for name in fields if fields[name].is_required()] or list(fields)[:1]
        return {name: _example(fields[name]) for name in least}
    if field.examples:
        return field.examples[0]
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) is tuple and (field.is_required() or not field.default):
        return [_example(FieldInfo.from_annotation(get_args(kind)[0]))]
    return field.default


def _yaml(value: object) -> str:
    """As a user writes it, in one line."""
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000).strip()
