"""Zips: a set of faces in one, or pictures of anything."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from mien.data.readers.layout import arrange, class_names
from mien.data.reading import Faults
from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.limits import MAX_STREAM_BYTES
from mien.media.archives.compressed import ZIP
from mien.media.archives.members import UNREADABLE, Member, is_noise, named_damage
from mien.media.images.reading import IMAGE_SUFFIXES
from mien.recognition.sources.items import Failure, Picture


def holds_pictures(path: Path) -> bool:
    """Say whether a file is a zip of pictures of anything, rather than a set of faces.

    A set of faces is a CSV, or pictures in folders that are named after the seven emotions: whole
    photographs in other folders must not be taken for faces.

    Raises:
        DataError: It is damaged or encrypted.
    """
    if not ZIP.recognizes(path):
        return False
    with named_damage(path), ZIP.members(path) as members:
        if any(item.path.lower().endswith(".csv") and not is_noise(item.path) for item in members):
            return False
        return not _is_sorted_by_emotion(_pictures(members))


def pictures_in_zip(path: Path) -> Iterator[Picture | Failure]:
    """Yield the pictures of a zip by their paths in it, or that there are none.

    Their names are "<zip>#<path in it>".
    """
    try:
        with named_damage(path), ZIP.members(path) as members:
            pictures = _pictures(members)
            yield from (_read(member, f"{path}#{member.path}") for member in pictures)
    except MienError as error:
        yield Failure(str(path), str(error))
        return
    if not pictures:
        yield Failure(str(path), f"{path}: neither a set of faces nor pictures in it")


def _pictures(members: Sequence[Member]) -> list[Member]:
    return [
        member
        for member in members
        if PurePosixPath(member.path).suffix.lower() in IMAGE_SUFFIXES and not is_noise(member.path)
    ]


def _is_sorted_by_emotion(pictures: Sequence[Member]) -> bool:
    places = arrange(pictures, Faults("", skip=True))
    return len(places) == len(pictures) > 0 and class_names(place.class_name for place in places) == EMOTIONS


def _read(member: Member, name: str) -> Picture | Failure:
    problem = member.problem
    if member.size > MAX_STREAM_BYTES:
        problem = f"{member.size} bytes, expected a picture"
    if problem:
        return Failure(name, f"{name}: {problem}")
    try:
        with member.open() as stream:
            return Picture(name, stream.read(MAX_STREAM_BYTES))
    except UNREADABLE as error:
        return Failure(name, f"{name}: can't be read ({error})")
