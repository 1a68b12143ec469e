"""Encoded images to faces: batches are decoded by threads while the next batch is read."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.data.reading import FaceShape, Faults
from mien.errors import ImageError
from mien.limits import MAX_FACE_BYTES
from mien.media.archives.members import UNREADABLE, Member
from mien.media.images.quiet import QUIET_PILLOW
from mien.media.images.reading import decode_face

_BATCH_IMAGES = 64
_BATCH_BYTES = 16 << 20
"""Work of one thread at a time; to hand over single small images costs more than to decode them."""

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels of the upright image."""


class EncodedFace(NamedTuple):
    """A face to decode: the file, its place in messages, its box in the image, and its row in a list."""

    member: Member
    where: str
    box: Box | None = None
    row: int | None = None


_Batch = list[tuple[int, bytes | str, Box | None]]
"""Positions with encoded images, or with the reason why they can't be read."""

_Problems = list[tuple[int, str]]


def decode_faces(
    faces: Sequence[EncodedFace], faults: Faults, shape: FaceShape
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Decode all faces.

    Returns:
        Images uint8 (n, size, size) or (n, size, size, 3), and a mask (n,) of those that could be decoded.

    Raises:
        DataError: One can't be decoded, and bad ones are not to be skipped.
    """
    images = np.zeros(shape.array(len(faces)), np.uint8)
    good = np.ones(len(faces), np.bool_)
    workers = min(os.cpu_count() or 1, 8)
    with QUIET_PILLOW, ThreadPoolExecutor(workers) as pool:
        running: deque[Future[_Problems]] = deque()
        for batch in _read_batches(faces):
            running.append(pool.submit(_decode_batch, batch, images, shape))
            if len(running) > 2 * workers:  # no more is read ahead than is being decoded
                _settle(running.popleft(), faces, faults, good)
        while running:
            _settle(running.popleft(), faces, faults, good)
    return images, good


def _settle(
    future: Future[_Problems], faces: Sequence[EncodedFace], faults: Faults, good: NDArray[np.bool_]
) -> None:
    for position, problem in future.result():
        good[position] = False
        faults.add(faces[position].where, problem, row=faces[position].row)


def _read_batches(faces: Sequence[EncodedFace]) -> Iterator[_Batch]:
    batch: _Batch = []
    size = 0
    for position, face in enumerate(faces):
        content = _read_image(face.member)
        batch.append((position, content, face.box))
        size += len(content)
        if len(batch) == _BATCH_IMAGES or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read_image(member: Member) -> bytes | str:
    """The bytes of a file, or the reason why they can't be read."""
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


def _decode_batch(batch: _Batch, images: NDArray[np.uint8], shape: FaceShape) -> _Problems:
    """Decode a batch into its positions of `images`; return the problems."""
    problems = []
    for position, content, box in batch:
        if isinstance(content, str):
            problems.append((position, content))
            continue
        try:
            images[position] = decode_face(content, shape.size, shape.channels, box)
        except ImageError as error:
            problems.append((position, str(error)))
    return problems
