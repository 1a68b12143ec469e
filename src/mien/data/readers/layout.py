"""Split and class of an image from its path.

The paths are `<split>/<class>/<image>` or `<class>/<image>`, below any folders that contain
all of them. A file name that begins with Training, PublicTest or PrivateTest overrides the folder.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from mien.data.reading import Faults
from mien.labels import EMOTIONS, TEST, TRAIN, USAGES, VALIDATION, emotion_of
from mien.media.archives.members import Member, is_noise

SPLIT_FOLDERS: Final = {
    TRAIN: ("train", "training"),
    VALIDATION: ("validation", "valid", "val", "dev", "public", "publictest", "public_test"),
    TEST: ("test", "testing", "private", "privatetest", "private_test"),
}
"""Lower-case names that data sets give to their splits."""

SPLIT_OF_NAME: Final = {name: split for split, names in SPLIT_FOLDERS.items() for name in names}
_SPLIT_OF_PREFIX: Final = {usage.lower(): split for usage, split in USAGES.items()}
_PREFIX: Final = re.compile(rf"({'|'.join(USAGES)})[_-]", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """An image, with the split and the name of the class from its path."""

    member: Member
    split: str
    class_name: str


def arrange(members: Iterable[Member], faults: Faults) -> list[Place]:
    """Return the images among `members` with their places, in the order in which they came.

    Raises:
        DataError: A member has a problem or no place, and bad ones are not to be skipped.
    """
    images = []
    for member in members:
        if member.problem:
            faults.add(member.path, member.problem)
        elif not is_noise(member.path):
            images.append(member)
    images = _without_storage(images)
    wrapped = _wrapping([_folders(member) for member in images])
    places = (_place(member, wrapped, faults) for member in images)
    return [place for place in places if place is not None]


def class_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the classes of a data set that calls them `names`, with repeats, in the order of the labels.

    These are the seven emotions if each name is one of them or an alias, else the names, sorted; numbers
    by their value.
    """
    different = set(names)
    if all(emotion_of(name) for name in different):
        return EMOTIONS
    numbers = all(name.isascii() and name.isdigit() for name in different)
    return tuple(sorted(different, key=lambda name: (int(name), name) if numbers else (0, name)))


def label_in(name: str, classes: tuple[str, ...]) -> int:
    """Return the position in `classes`, as from `class_names`, of the class called `name`."""
    return classes.index((emotion_of(name) or name) if classes == EMOTIONS else name)


def _without_storage(images: Sequence[Member]) -> list[Member]:
    """Leave out folders that only store what links in several other folders name: those are the classes."""
    linking = defaultdict(set)
    for member in images:
        if member.target:
            linking[member.target].add(_folders(member))
    groups = defaultdict(list)
    for member in images:
        groups[_folders(member)].append(member)
    storage = {folder for folder, group in groups.items() if _is_storage(folder, group, linking)}
    return [member for member in images if _folders(member) not in storage]


def _is_storage(
    folder: tuple[str, ...], group: Sequence[Member], linking: Mapping[str, set[tuple[str, ...]]]
) -> bool:
    """Whether no image of a folder is a link, and each is named by a link, from two or more other folders."""
    sources = [linking.get(member.path, set()) - {folder} for member in group if not member.target]
    return len(sources) == len(group) and all(sources) and len(set().union(*sources)) > 1


def _folders(member: Member) -> tuple[str, ...]:
    return PurePosixPath(member.path).parts[:-1]


def _wrapping(folders: Sequence[tuple[str, ...]]) -> int:
    """Count the folders at the top that hold everything and are neither split nor class."""
    paths = {path for path in folders if path}
    depth = 0
    while paths and all(len(path) > depth + 1 for path in paths):
        names = {path[depth] for path in paths}
        if len(names) > 1 or names.pop().lower() in SPLIT_OF_NAME:
            break
        depth += 1
    return depth


def _place(member: Member, wrapped: int, faults: Faults) -> Place | None:
    folders = _folders(member)[wrapped:]
    split = SPLIT_OF_NAME.get(folders[0].lower()) if len(folders) == 2 else TRAIN
    if len(folders) not in (1, 2) or split is None or folders[-1].lower() in SPLIT_OF_NAME:
        faults.add(
            member.path,
            "its path names no class, expected <class>/ or train|validation|test/<class>/",
        )
        return None
    named = _PREFIX.match(PurePosixPath(member.path).name)
    return Place(member, _SPLIT_OF_PREFIX[named[1].lower()] if named else split, folders[-1])
