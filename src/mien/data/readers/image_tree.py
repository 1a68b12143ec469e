"""Images by class to a FaceSet: the last step of folders and archives of pictures.

`layout` has settled from the paths alone which image belongs where; here the images are decoded,
a batch to a thread while the next batch is read, in the order in which they are stored.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mien.data.readers.layout import Place, arrange, classes_of, label_of
from mien.data.reading import Faults, Reading
from mien.errors import DataError, ImageError
from mien.faceset import FaceSet
from mien.labels import SPLITS
from mien.limits import MAX_FACE_BYTES
from mien.media.archives.members import UNREADABLE, Member
from mien.media.images.quiet import QUIET_PILLOW
from mien.media.images.reading import decode_face

_BATCH_IMAGES = 64
_BATCH_BYTES = 16 << 20
"""What one thread is given at a time; single small images cost more to hand over than to decode."""

_Batch = list[tuple[int, bytes | str]]
"""Positions with encoded images, or with what hindered reading them."""

_Problems = list[tuple[int, str]]


def read_image_tree(members: Sequence[Member], faults: Faults, *, size: int) -> Reading:
    """Read all images of a container whose folders are classes.

    Args:
        members: The files of the container; `ids` are their paths, sorted.
        faults: Told of every file that is no image, or in no place for one.
        size: Side of the faces in pixels.

    Raises:
        DataError: No images, a bad one that is not to be skipped, or too many of them.
    """
    places = arrange(members, faults)
    if not places:
        faults.require_mostly_good(0)
        raise DataError(f"{faults.source}: no images in it, expected folders of images by class")
    images, good = _decode_all([place.member for place in places], faults, size)
    faults.require_mostly_good(int(good.sum()))
    order = sorted(np.flatnonzero(good).tolist(), key=lambda position: places[position].member.path)
    faces = _face_set([places[position] for position in order], images, order, classes_of(places))
    return Reading(faces, tuple(faults.rows))


def _face_set(
    places: Sequence[Place], images: NDArray[np.uint8], order: Sequence[int], classes: tuple[str, ...]
) -> FaceSet:
    in_order = list(order) == list(range(len(images)))
    return FaceSet(
        images=images if in_order else images[list(order)],
        labels=np.array([label_of(place, classes) for place in places], np.int64),
        splits=np.array([SPLITS.index(place.split) for place in places], np.uint8),
        ids=np.array([place.member.path for place in places], np.str_),
        classes=classes,
    )


def _decode_all(
    members: Sequence[Member], faults: Faults, size: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Images (n, side, side), and which of them could be decoded (n,)."""
    images = np.zeros((len(members), size, size), np.uint8)
    good = np.ones(len(members), np.bool_)
    workers = min(os.cpu_count() or 1, 8)
    with QUIET_PILLOW, ThreadPoolExecutor(workers) as pool:
        running: deque[Future[_Problems]] = deque()
        for batch in _read_batches(members):
            running.append(pool.submit(_decode_batch, batch, images))
            if len(running) > 2 * workers:  # no more is read ahead than is being decoded
                _settle(running.popleft(), members, faults, good)
        while running:
            _settle(running.popleft(), members, faults, good)
    return images, good


def _settle(
    future: Future[_Problems], members: Sequence[Member], faults: Faults, good: NDArray[np.bool_]
) -> None:
    for position, problem in future.result():
        good[position] = False
        faults.add(members[position].path, problem)


def _read_batches(members: Sequence[Member]) -> Iterator[_Batch]:
    batch: _Batch = []
    size = 0
    for position, member in enumerate(members):
        content = _read_image(member)
        batch.append((position, content))
        size += len(content)
        if len(batch) == _BATCH_IMAGES or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read_image(member: Member) -> bytes | str:
    """The bytes of a member, or why they can't be had."""
    if member.size > MAX_FACE_BYTES:
        return f"a file of {member.size} bytes, expected an image of at most {MAX_FACE_BYTES}"
    try:
        with member.open() as stream:
            content = stream.read(MAX_FACE_BYTES + 1)
    except UNREADABLE as error:
        return f"can't be read ({error})"
    if len(content) > MAX_FACE_BYTES:
        return f"over {MAX_FACE_BYTES} bytes, expected an image of at most that"
    return content


def _decode_batch(batch: _Batch, images: NDArray[np.uint8]) -> _Problems:
    """Decode a batch into its positions of `images`; return the problems met."""
    problems = []
    for position, content in batch:
        if isinstance(content, str):
            problems.append((position, content))
            continue
        try:
            images[position] = decode_face(content, images.shape[1], 1)
        except ImageError as error:
            problems.append((position, str(error)))
    return problems
