"""What ties the parts of a run folder together: digests of the parts, and the identity in each checkpoint.

`run.json` has a digest of each of its keys, so an error names what was changed. A checkpoint holds the
identity of its run: a random number, and digests of the recipe, the classes and the data set it was trained
with. Digests detect mistakes, not forgeries.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeGuard

import xxhash

from mien.config.recipe import DESCRIPTIVE

_MISSING: Final = object()


@dataclass(frozen=True)
class Identity:
    """The run that a checkpoint belongs to.

    Attributes:
        id: `RunInfo.id`.
        recipe: Digest of the recipe, without what may change: its description and the number of epochs.
        classes: Digest of the names of the classes.
        data: Digest of the fingerprint, size and channels of the faces.
    """

    id: str
    recipe: str
    classes: str
    data: str

    def to_json(self) -> str:
        """Return the identity as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Identity":
        """Return the identity that `to_json` wrote.

        Raises:
            ValueError, TypeError: It is no identity.
        """
        return cls(**json.loads(text))

    def difference(self, other: "Identity") -> str | None:
        """Return the name of the first part in which two identities differ."""
        return next((name for name, value in asdict(self).items() if getattr(other, name) != value), None)


def identity_from(
    id: str,  # noqa: A002 - the name of the field
    recipe: Mapping[str, Any],
    classes: tuple[str, ...],
    data: tuple[str, int, int],
) -> Identity:
    """Return the identity of a run.

    Args:
        id: Its number.
        recipe: The recipe as a tree.
        classes: Names of the classes.
        data: Fingerprint, size and channels of the faces.
    """
    return Identity(id, digest_of(_trained(recipe)), digest_of(list(classes)), digest_of(list(data)))


def digest_of(value: Any) -> str:  # noqa: ANN401 - a JSON tree
    """Return a digest of a JSON tree; the order of keys doesn't matter."""
    return xxhash.xxh3_128(json.dumps(value, sort_keys=True).encode()).hexdigest()


def digests_of(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return a digest of each value of a mapping, by its key."""
    return {key: digest_of(value) for key, value in tree.items()}


def changed_parts(tree: Mapping[str, Any], digests: Mapping[str, Any]) -> list[str]:
    """Return the keys of a mapping whose values don't match their digests, or that are new or missing."""
    found = digests_of(tree)
    return [key for key in dict.fromkeys([*digests, *found]) if found.get(key) != digests.get(key)]


def changed_keys(recorded: Any, found: Any, above: str = "") -> Iterator[str]:  # noqa: ANN401 - trees
    """Yield the dotted keys in which two trees differ."""
    if is_section(recorded) and is_section(found):
        for key in dict.fromkeys([*recorded, *found]):
            path = f"{above}.{key}" if above else str(key)
            yield from changed_keys(recorded.get(key, _MISSING), found.get(key, _MISSING), path)
    elif isinstance(recorded, list) and isinstance(found, list) and len(recorded) == len(found):
        for number, (one, other) in enumerate(zip(recorded, found, strict=True)):
            yield from changed_keys(one, other, f"{above}.{number}")
    elif recorded != found or isinstance(recorded, bool) != isinstance(found, bool):
        yield above


def is_section(value: Any) -> TypeGuard[Mapping[str, Any]]:  # noqa: ANN401 - a tree
    """Return whether a value of a recipe is a section of keys; values by epoch are one value."""
    return isinstance(value, Mapping) and not any(str(key).isdecimal() for key in value)


def _trained(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a recipe can't change during a training."""
    kept = {key: value for key, value in recipe.items() if key not in DESCRIPTIVE}
    train = kept.get("train")
    if isinstance(train, Mapping):
        kept["train"] = {key: value for key, value in train.items() if key != "epochs"}
    return kept
