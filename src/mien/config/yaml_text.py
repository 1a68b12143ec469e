"""YAML as people mean it: 1e-3 is a number, 1:30 and 010 are none of base 60 and 8, a key stands once.

PyYAML reads YAML 1.1, in which 1:30 is 90 and 010 is 8; here numbers are those of YAML 1.2.
"""

import re
from typing import Any, Final

import yaml

NOT_YAML: Final = (yaml.YAMLError, ValueError, RecursionError)
"""What `parse_yaml` raises at text it can't read: also at dates that don't exist and at deep nesting."""

_NUMBERS: Final = {
    "tag:yaml.org,2002:int": re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"),
    "tag:yaml.org,2002:float": re.compile(
        r"^[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.(?:inf|Inf|INF))$"
        r"|^\.(?:nan|NaN|NAN)$"
    ),
}


def parse_yaml(text: str) -> Any:  # noqa: ANN401 - a YAML tree
    """Return what a YAML text says, as dictionaries, lists and scalars.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: As `NOT_YAML` tells.
    """
    # A subclass of the safe loader, so nothing is built but plain values.
    return yaml.load(text, _Loader)  # noqa: S506


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NUMBERS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern in _NUMBERS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, list("-+.0123456789"))
