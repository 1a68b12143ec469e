"""YAML with the numbers of YAML 1.2, and an error for duplicate keys.

PyYAML reads YAML 1.1, in which 1e-3 is a string, 1:30 is 90 and 010 is 8.
"""

import re
from copy import deepcopy
from functools import lru_cache
from typing import Any, Final

import yaml

from mien.limits import MAX_YAML_ALIASES, MAX_YAML_DEPTH, MAX_YAML_NODES

NOT_YAML: Final = (yaml.YAMLError, ValueError, RecursionError)
"""What `parse_yaml` raises for invalid text, including invalid dates and deep nesting."""

_NUMBERS: Final = {
    "tag:yaml.org,2002:int": re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"),
    "tag:yaml.org,2002:float": re.compile(
        r"^[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.(?:inf|Inf|INF))$"
        r"|^\.(?:nan|NaN|NAN)$"
    ),
}


def yaml_fault(error: Exception) -> str:
    """Return what is wrong with a YAML text, and where, in one line.

    Args:
        error: What `parse_yaml` raised.
    """
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if not problem or mark is None:
        return " ".join(str(error).split())
    place = f"line {mark.line + 1}, column {mark.column + 1}"
    return f"{place}: {' '.join(str(problem).replace('<stream end>', 'the end of the file').split())}"


def parse_yaml(text: str) -> Any:  # noqa: ANN401 - a YAML tree
    """Return the content of a YAML text as dictionaries, lists and scalars.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: See `NOT_YAML`.
    """
    return deepcopy(_parsed(text))


@lru_cache(maxsize=64)  # a recipe is read several times, and takes 40 ms each time
def _parsed(text: str) -> Any:  # noqa: ANN401 - a YAML tree
    # A subclass of the safe loader, which constructs plain values only.
    try:
        return yaml.load(text, _Loader)  # noqa: S506
    except (LookupError, AttributeError, TypeError) as error:  # of PyYAML, for a tag such as in `!!bool x`
        raise yaml.constructor.ConstructorError(None, None, "a value that doesn't fit its tag") from error


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses what would take much time or memory, before any value is constructed."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._nodes = self._depth = self._aliases = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - PyYAML has no types
        """Return the next node; count it, and what an alias repeats."""
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        is_alias = self.check_event(yaml.AliasEvent)
        before = self._nodes
        self._nodes += 1
        self._depth += 1
        self._aliases += is_alias
        self._require_limits(mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        if not is_alias:
            self._sizes[id(node)] = self._nodes - before
        elif id(node) not in self._sizes:
            raise _refusal("an alias of a value that contains it", mark)
        else:
            self._nodes += self._sizes[id(node)]
            self._require_limits(mark)
        return node

    def _require_limits(self, mark: Any) -> None:  # noqa: ANN401 - PyYAML has no types
        for count, limit, what in (
            (self._nodes, MAX_YAML_NODES, "keys and values"),
            (self._depth, MAX_YAML_DEPTH, "levels of nesting"),
            (self._aliases, MAX_YAML_ALIASES, "aliases"),
        ):
            if count > limit:
                raise _refusal(f"over {limit} {what}", mark)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key.value!r}", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _refusal(problem: str, mark: Any) -> yaml.YAMLError:  # noqa: ANN401 - PyYAML has no types
    return yaml.composer.ComposerError(None, None, problem, mark)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NUMBERS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern in _NUMBERS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, list("-+.0123456789"))
