"""YAML with the numbers of YAML 1.2, and an error for duplicate keys.

PyYAML reads YAML 1.1, in which 1e-3 is a string, 1:30 is 90 and 010 is 8.
"""

import re
from typing import Any, Final

import yaml

NOT_YAML: Final = (yaml.YAMLError, ValueError, RecursionError)
"""What `parse_yaml` raises for invalid text, including invalid dates and deep nesting."""

_NUMBERS: Final = {
    "tag:yaml.org,2002:int": re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"),
    "tag:yaml.org,2002:float": re.compile(
        r"^[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.(?:inf|Inf|INF))$"
        r"|^\.(?:nan|NaN|NAN)$"
    ),
}


def parse_yaml(text: str) -> Any:  # noqa: ANN401 - a YAML tree
    """Return the content of a YAML text as dictionaries, lists and scalars.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: See `NOT_YAML`.
    """
    # A subclass of the safe loader, which constructs plain values only.
    return yaml.load(text, _Loader)  # noqa: S506


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key.value!r}", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NUMBERS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern in _NUMBERS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, list("-+.0123456789"))
