"""Which split and class an image has, told from its path alone.

Understood are `<split>/<class>/<image>` and `<class>/<image>`, below any folders that wrap the
whole. A file name that begins with Training, PublicTest or PrivateTest overrides the folder.
"""

import re
from collections.abc import Iterable, Sequence
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
"""Names of folders, in small letters, that mean a split."""

_SPLIT_OF_FOLDER: Final = {name: split for split, names in SPLIT_FOLDERS.items() for name in names}
_SPLIT_OF_PREFIX: Final = {usage.lower(): split for usage, split in USAGES.items()}
_PREFIX: Final = re.compile(rf"({'|'.join(USAGES)})[_-]", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """An image, with the split and the name of the class that its path gives it."""

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
    wrapped = _wrapping([_folders(member) for member in images])
    places = (_place(member, wrapped, faults) for member in images)
    return [place for place in places if place is not None]


def classes_of(places: Iterable[Place]) -> tuple[str, ...]:
    """Return the seven emotions if all class names spell one of them, else the names, sorted."""
    names = sorted({place.class_name for place in places})
    return EMOTIONS if all(emotion_of(name) for name in names) else tuple(names)


def label_of(place: Place, classes: tuple[str, ...]) -> int:
    """Return the position in `classes` of the class of `place`."""
    name = place.class_name
    return classes.index((emotion_of(name) or name) if classes == EMOTIONS else name)


def _folders(member: Member) -> tuple[str, ...]:
    return PurePosixPath(member.path).parts[:-1]


def _wrapping(folders: Sequence[tuple[str, ...]]) -> int:
    """Count the folders at the top that hold everything and are neither split nor class."""
    paths = {path for path in folders if path}
    depth = 0
    while paths and all(len(path) > depth + 1 for path in paths):
        names = {path[depth] for path in paths}
        if len(names) > 1 or names.pop().lower() in _SPLIT_OF_FOLDER:
            break
        depth += 1
    return depth


def _place(member: Member, wrapped: int, faults: Faults) -> Place | None:
    folders = _folders(member)[wrapped:]
    split = _SPLIT_OF_FOLDER.get(folders[0].lower()) if len(folders) == 2 else TRAIN
    if len(folders) not in (1, 2) or split is None or folders[-1].lower() in _SPLIT_OF_FOLDER:
        faults.add(
            member.path,
            "found where no class can be told, expected <class>/ or train|validation|test/<class>/",
        )
        return None
    named = _PREFIX.match(PurePosixPath(member.path).name)
    return Place(member, _SPLIT_OF_PREFIX[named[1].lower()] if named else split, folders[-1])
