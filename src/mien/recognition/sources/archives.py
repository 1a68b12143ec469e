"""Zip archives: a data set of faces, or any images."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from mien.data.readers.layout import arrange, class_names
from mien.data.reading import Faults
from mien.errors import MienError
from mien.files.bounded import read_up_to
from mien.files.identify import ARRAYS, FACES, MANIFEST, kind_of
from mien.labels import EMOTIONS
from mien.limits import MAX_STREAM_BYTES
from mien.media.archives.compressed import ZIP
from mien.media.archives.members import UNREADABLE, Member, is_hidden, is_noise, named_damage
from mien.media.images.reading import IMAGE_SUFFIXES
from mien.recognition.sources.items import Failure, ImageItem, Wanted, every_source

DATA_SUFFIXES: Final = (".csv", ".tsv", ".npy")
"""Endings of files that may be data sets."""

_HEAD: Final = 4096


def holds_images(path: Path) -> bool:
    """Return whether a file is a zip of any images, rather than a data set of faces.

    A data set of faces is a CSV of faces, a manifest, arrays, or images in folders named after the seven
    emotions: photographs in other folders must not be classified as cropped faces.

    Raises:
        DataError: It is damaged or encrypted.
    """
    with named_damage(path):
        if not ZIP.recognizes(path):
            return False
    with named_damage(path), ZIP.members(path) as members:
        if any(_is_data_set(member) for member in members):
            return False
        return not _is_sorted_by_emotion(_images(members))


def images_in_zip(path: Path, wanted: Wanted = every_source) -> Iterator[ImageItem | Failure]:
    """Yield the images of a zip by their paths in it, or a failure if there are none.

    Their names are "<zip>#<path in it>".

    Args:
        path: The zip.
        wanted: Which images are requested; the others are not read.
    """
    try:
        with named_damage(path), ZIP.members(path) as members:
            images = _images(members)
            for member in images:
                if wanted(name := f"{path}#{member.path}"):
                    yield _read(member, name)
    except MienError as error:
        if wanted(str(path)):
            yield Failure(str(path), str(error))
        return
    if not images and wanted(str(path)):
        yield Failure(str(path), f"{path}: contains neither a data set of faces nor images")


def names_in_zip(path: Path, wanted: Wanted) -> Iterator[str]:
    """Yield the names of what `images_in_zip` yields, without reading the images."""
    try:
        with named_damage(path), ZIP.members(path) as members:
            images = [f"{path}#{member.path}" for member in _images(members)]
    except MienError:
        images = []
    yield from filter(wanted, images or [str(path)])


def _is_data_set(member: Member) -> bool:
    """Return whether a member is a CSV of faces, a manifest or an array; other tables mean nothing."""
    if member.problem or is_hidden(member.path) or not member.path.lower().endswith(DATA_SUFFIXES):
        return False
    with member.open() as stream:
        return kind_of(stream.read(_HEAD)) in (FACES, MANIFEST, ARRAYS)


def _images(members: Sequence[Member]) -> list[Member]:
    return [
        member
        for member in members
        if PurePosixPath(member.path).suffix.lower() in IMAGE_SUFFIXES and not is_noise(member.path)
    ]


def _is_sorted_by_emotion(images: Sequence[Member]) -> bool:
    places = arrange(images, Faults("", skip=True))
    return len(places) == len(images) > 0 and class_names(place.class_name for place in places) == EMOTIONS


def _read(member: Member, name: str) -> ImageItem | Failure:
    problem = member.problem
    if member.size > MAX_STREAM_BYTES:
        problem = f"{member.size} bytes, expected an image"
    if problem:
        return Failure(name, f"{name}: {problem}")
    try:
        with member.open() as stream:
            return ImageItem(name, read_up_to(stream, MAX_STREAM_BYTES))
    except UNREADABLE as error:
        return Failure(name, f"{name}: can't be read ({error})")
