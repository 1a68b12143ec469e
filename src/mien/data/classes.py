"""Names of classes: given by the user, or brought together where a source spells one name in several ways."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from mien.data.readers.layout import class_names
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, UNLABELED, emotion_of
from mien.registry import did_you_mean
from mien.text import counted

Classes = str | Sequence[str] | Mapping[str, str]
"""Names of classes: in the order of their numbers, or of other names; or new names by old ones.

As a string, `angry,disgust,fear` or `1=surprise,2=fear`.
"""

_SEPARATORS: Final = re.compile(r"[\s_-]+")


def with_classes(faces: FaceSet, classes: Classes, numbers: Sequence[str] = ()) -> FaceSet:
    """Return faces whose classes have the given names; classes of the same new name become one.

    Names in an order name the classes 0 to k - 1 or 1 to k of a source that has numbers, or put its names in
    that order. If all are names of the seven emotions, the classes are those, in mien's order.

    Args:
        faces: As they were read.
        classes: The names.
        numbers: How the source calls each of `faces.classes`, where it has numbers.

    Raises:
        DataError: The names do not fit the classes of the source.
    """
    given, old = parse_classes(classes), tuple(numbers) or faces.classes
    used = [name for name, count in zip(old, faces.counts().tolist(), strict=True) if count]
    if isinstance(given, dict):
        new = _by_name(given, dict(zip(old, faces.classes, strict=True)), faces.source)
        order: Iterable[str] = class_names(new[name] for name in used or old)
    else:
        new = _by_order(given, old, used, faces.source, _first(numbers))
        order = given
    return _relabeled(faces, old, new, order)


def merged_spellings(faces: FaceSet) -> tuple[FaceSet, tuple[str, ...]]:
    """Return faces whose classes differ in more than case and spacing, with a remark for each merger.

    The spelling with the most faces is kept.
    """
    if faces.classes == EMOTIONS:
        return faces, ()
    counts = dict(zip(faces.classes, faces.counts().tolist(), strict=True))
    groups: dict[str, list[str]] = {}
    for name in sorted(faces.classes, key=lambda name: -counts[name]):
        groups.setdefault(_key(name), []).append(name)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return faces, ()
    new = {name: group[0] for group in groups.values() for name in group}
    merged = _relabeled(faces, faces.classes, new, class_names(new.values()))
    return merged, tuple(_remark(group, counts) for group in several)


def _remark(group: Sequence[str], counts: Mapping[str, int]) -> str:
    names = ", ".join(f"{name!r} ({counted(counts[name], 'face')})" for name in group)
    return f"classes {names} differ only in spelling and are read as one, {group[0]!r}"


def _key(name: str) -> str:
    return emotion_of(name) or _SEPARATORS.sub(" ", name).strip().casefold()


def parse_classes(classes: Classes) -> tuple[str, ...] | dict[str, str]:
    """Return the names as a tuple, or new names by old ones.

    Raises:
        DataError: They are no names, or only some are pairs.
    """
    if isinstance(classes, Mapping):
        return {str(old): str(new) for old, new in classes.items()}
    words = classes.split(",") if isinstance(classes, str) else list(classes)
    if not words or not all(isinstance(word, str) and word.strip() for word in words):
        raise DataError(
            f"classes {classes!r}: expected names such as angry,disgust,fear or 1=surprise,2=fear"
        )
    names = tuple(word.strip() for word in words)
    pairs = [name.partition("=") for name in names]
    if all(equals for _, equals, _ in pairs):
        return {old.strip(): new.strip() for old, _, new in pairs}
    if any(equals for _, equals, _ in pairs):
        raise DataError(f"classes {','.join(names)!r}: expected either names, or OLD=NEW for each")
    return names


def _by_name(given: Mapping[str, str], names: Mapping[str, str], source: str) -> dict[str, str]:
    """New names by old ones; `names` has the class of each old name, which it keeps if none is given."""
    known = {_key(name): name for name in names}
    unknown = [name for name in given if name not in names and _key(name) not in known]
    if unknown:
        guess = did_you_mean(unknown[0], list(names))
        raise DataError(
            f"{source}: classes: no class {unknown[0]!r}{guess}; it has {', '.join([*names][:30])}"
        )
    return {**names, **{name if name in names else known[_key(name)]: new for name, new in given.items()}}


def _by_order(
    given: Sequence[str], old: Sequence[str], used: Sequence[str], source: str, first: int | None
) -> dict[str, str]:
    if len({_key(name) for name in given}) < len(given):
        raise DataError(f"{source}: classes {','.join(given)}: a name is there twice; write OLD=NEW to merge")
    if old and all(name.isascii() and name.isdigit() for name in old):
        start = _start(given, sorted(map(int, used)), source) if first is None else first
        _require_enough(given, [int(name) - start for name in used], used, source)
        return {name: given[int(name) - start] for name in used}
    wanted = {_key(name): name for name in given}
    missing = [name for name in used if _key(name) not in wanted]
    if missing:
        raise DataError(
            f"{source}: its classes are {', '.join(old[:30])}, but classes lacks {', '.join(missing[:30])}; "
            "name all of them, or write OLD=NEW for some"
        )
    return {name: wanted[_key(name)] for name in used}


def _first(numbers: Sequence[str]) -> int | None:
    """The smallest number of a source that is known to begin with 0 or 1."""
    return min(map(int, numbers)) if numbers else None


def _start(given: Sequence[str], used: Sequence[int], source: str) -> int:
    """The number of the first name: 0 or 1."""
    fits = [start for start in (0, 1) if used and start <= used[0] and used[-1] - start < len(given)]
    if len(fits) > 1:
        raise DataError(
            f"{source}: numbers {used[0]} to {used[-1]} for {counted(len(given), 'class', 'classes')} may "
            f"begin with 0 or 1; write {used[0]}={given[used[0] - 1]},... to say which"
        )
    return fits[0] if fits else 0


def _require_enough(given: Sequence[str], places: Sequence[int], used: Sequence[str], source: str) -> None:
    if places and not 0 <= min(places) <= max(places) < len(given):
        raise DataError(
            f"{source}: its classes are {', '.join(used[:30])}, but classes has {len(given)} names; expected "
            "one for each number, from 0 or 1"
        )


def _relabeled(faces: FaceSet, old: Sequence[str], new: Mapping[str, str], order: Iterable[str]) -> FaceSet:
    """The faces with new names of their classes, which `order` lists."""
    names = tuple(dict.fromkeys(order))
    classes = EMOTIONS if all(emotion_of(name) for name in names) else names
    place = {name: number for number, name in enumerate(classes)}
    number_of = [
        place.get((emotion_of(new[name]) or "") if classes == EMOTIONS else new[name], UNLABELED)
        if name in new
        else UNLABELED
        for name in old
    ]
    labels = np.where(faces.labels == UNLABELED, UNLABELED, np.array(number_of, np.int64)[faces.labels])
    return replace(faces, labels=labels.astype(np.int64), classes=classes)
