"""Faces that a text file lists, one a row: what manifests and the lists of RAF-DB have in common."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from mien.data.readers.base import SourceFiles
from mien.data.readers.decoding import Box, EncodedFace, decode_faces
from mien.data.readers.layout import class_names, label_in
from mien.data.reading import FaceShape, Faults, Reading
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.mapped import taken
from mien.labels import SPLITS
from mien.limits import MAX_LISTED
from mien.media.archives.members import Member


class ListedFace(NamedTuple):
    """One row of a list.

    Attributes:
        row: Its number, from 1; the header doesn't count.
        line: Its line in the file, from 1.
        path: Path of the image, relative to the list.
        label: Name of the class.
        split: "train", "validation" or "test".
        box: The face in the image; None if it is all of it.
    """

    row: int
    line: int
    path: str
    label: str
    split: str
    box: Box | None = None

    @property
    def where(self) -> str:
        """The row's place in messages."""
        return f"row {self.row} (line {self.line})"


class ImageFinder:
    """Finds the images that a list names.

    A list in an archive or folder names files of that archive or folder; a list that was given itself names
    files on disk.

    Args:
        source: The opened source.
        listing: The list, one of its files.
    """

    def __init__(self, source: SourceFiles, listing: Member) -> None:
        self._folder = source.path.parent if source.single else None
        self._below = PurePosixPath(listing.path).parent
        self._members = {} if source.single else {member.path: member for member in source.members}

    def __call__(self, *paths: str) -> Member | None:
        """Return the first of several paths, relative to the list, that is a file; None if none is."""
        for path in paths:
            found = self._on_disk(path) if self._folder else self._in_archive(path)
            if found is not None:
                return found
        return None

    def _on_disk(self, path: str) -> Member | None:
        file = Path(self._folder or "", path)
        return Member(path, file.stat().st_size, lambda: file.open("rb")) if file.is_file() else None

    def _in_archive(self, path: str) -> Member | None:
        joined = os.path.normpath(str(self._below / path)).replace(os.sep, "/")
        return self._members.get(joined)


def read_listing(
    listed: Sequence[ListedFace],
    images: Sequence[Member | None],
    faults: Faults,
    shape: FaceShape,
) -> Reading:
    """Read listed faces. The ids are their paths; of several faces in an image, also their rows.

    Args:
        listed: The rows, at least one.
        images: The file of each row; None where there is none.
        faults: Takes each row whose image is missing or can't be decoded.
        shape: Size and channels of the faces.

    Raises:
        DataError: A bad row that is not to be skipped, or too many of them.
    """
    classes = class_names(face.label for face in listed)
    found = list(_present(listed, images, faults))
    encoded = [
        EncodedFace(member, f"{face.where}: {face.path}", face.box, face.row) for face, member in found
    ]
    pixels, good = decode_faces(encoded, faults, shape)
    faults.require_mostly_good(int(good.sum()))
    kept = [face for (face, _), is_good in zip(found, good, strict=True) if is_good]
    faces = FaceSet(
        images=pixels if good.all() else taken(pixels, good),
        labels=np.array([label_in(face.label, classes) for face in kept], np.int64),
        splits=np.array([SPLITS.index(face.split) for face in kept], np.uint8),
        ids=np.array(_ids(kept), np.str_),
        classes=classes,
    )
    return Reading(faces, tuple(faults.rows))


def require_rows(listed: Iterable[ListedFace], faults: Faults) -> list[ListedFace]:
    """Return the rows as a list.

    Raises:
        DataError: There are none, or too many.
    """
    rows: list[ListedFace] = []
    for face in listed:
        rows.append(face)
        if len(rows) > MAX_LISTED:
            raise DataError(f"{faults.source}: over {MAX_LISTED} rows, expected faces that fit in memory")
    if not rows:
        faults.require_mostly_good(0)
        raise DataError(f"{faults.source}: a list without rows, expected faces")
    return rows


def _present(
    listed: Sequence[ListedFace], images: Sequence[Member | None], faults: Faults
) -> Iterator[tuple[ListedFace, Member]]:
    for face, member in zip(listed, images, strict=True):
        if member is None:
            problem = f"there is no file {face.path} (paths are relative to the list)"
            faults.add(face.where, problem, row=face.row)
        elif member.problem:
            faults.add(face.where, f"{face.path}: {member.problem}", row=face.row)
        else:
            yield face, member


def _ids(listed: Sequence[ListedFace]) -> list[str]:
    repeats = Counter(face.path for face in listed)
    return [face.path if repeats[face.path] == 1 else f"{face.path}#{face.row}" for face in listed]
