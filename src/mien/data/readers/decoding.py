"""Encoded images to faces: threads decode batches, and detect faces in them, while the next batch is read."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.data.extraction import extract_face
from mien.data.progress import report_progress
from mien.data.reading import FaceShape, Faults, require_size
from mien.errors import DataError, ImageError
from mien.files.bounded import read_up_to
from mien.files.identify import ANNOTATED, ANNOTATION
from mien.files.mapped import empty_array, release
from mien.limits import MAX_FACE_BYTES
from mien.media.archives.members import UNREADABLE, Member
from mien.media.images.quiet import QUIET_PILLOW
from mien.runtime.ahead import ahead
from mien.runtime.threads import usable_cores
from mien.text import counted

_HEAD: Final = 4096
"""Bytes that hold the EXIF of an image that mien annotated."""

_BATCH_IMAGES: Final = 64
_BATCH_BYTES: Final = 16 << 20
"""Work of one thread at a time; to hand over single small images costs more than to decode them."""

_SEARCHED_IMAGES: Final = 4
"""The same where faces are detected, which takes much longer."""

_MAX_WORKERS: Final = 8

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


class _Outcome(NamedTuple):
    """What became of an image: a problem, or its size and how many faces were detected in it."""

    position: int
    problem: str = ""
    width: int = 0
    height: int = 0
    detected: int | None = None


def decode_faces(
    faces: Sequence[EncodedFace], faults: Faults, shape: FaceShape
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Decode all faces; where `shape` has a detector, detect them.

    Returns:
        Images uint8 (n, size, size) or (n, size, size, 3), and a mask (n,) of those that could be decoded
        and in which a face was detected.

    Raises:
        DataError: One can't be decoded, and bad ones are not to be skipped; or no face was detected in any.
    """
    sizes = {face.member.path: face.member.size for face in faces}
    require_size(len(faces), 0, sum(sizes.values()), faults.source)
    images = empty_array(shape.array(len(faces)))
    good = np.ones(len(faces), np.bool_)
    threads = shape.threads or min(usable_cores(), _MAX_WORKERS)
    batches = _read_batches(faces, _BATCH_IMAGES if shape.detector is None else _SEARCHED_IMAGES)
    work, done = partial(_decode_batch, images=images, shape=shape), 0
    with QUIET_PILLOW, closing(ahead(work, batches, threads, "decode")) as batched:
        for outcomes in batched:
            _settle(outcomes, faces, faults, good)
            done += len(outcomes)
            release(images)
            report_progress(done, len(faces))
    _require_detected(faults, shape)
    return images, good


def _settle(
    outcomes: Iterable[_Outcome], faces: Sequence[EncodedFace], faults: Faults, good: NDArray[np.bool_]
) -> None:
    for position, problem, width, height, detected in outcomes:
        face = faces[position]
        good[position] = not problem and detected != 0
        if problem:
            faults.add(face.where, problem, row=face.row)
        elif face.box is None:
            faults.images.add(face.member.path, width, height, detected)


def _require_detected(faults: Faults, shape: FaceShape) -> None:
    images = faults.images
    if shape.detector is not None:
        images.detector = shape.detector.name
    if images.count and len(images.without_face) == images.count:
        raise DataError(
            f"{faults.source}: {images.detector} detected no face in any of "
            f"{counted(images.count, 'image')}; "
            "pass faces=whole if they are cropped faces"
        )


def _read_batches(faces: Sequence[EncodedFace], most: int) -> Iterator[_Batch]:
    batch: _Batch = []
    size = 0
    for position, face in enumerate(faces):
        content = _read_image(face.member)
        batch.append((position, content, face.box))
        size += len(content)
        if len(batch) == most or size > _BATCH_BYTES:
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
            content = read_up_to(stream, MAX_FACE_BYTES + 1)
    except UNREADABLE as error:
        return f"can't be read ({error})"
    if len(content) > MAX_FACE_BYTES:
        return f"over {MAX_FACE_BYTES} bytes, expected an image of at most that"
    return content


def _decode_batch(batch: _Batch, images: NDArray[np.uint8], shape: FaceShape) -> list[_Outcome]:
    """Decode a batch into its positions of `images`."""
    return [_decode(position, content, box, images, shape) for position, content, box in batch]


def _decode(
    position: int, content: bytes | str, box: Box | None, images: NDArray[np.uint8], shape: FaceShape
) -> _Outcome:
    if isinstance(content, str):
        return _Outcome(position, content)
    if ANNOTATION in content[:_HEAD]:
        return _Outcome(position, f"{ANNOTATED.what}, expected a face without drawings; {ANNOTATED.use}")
    try:
        face, width, height, detected = extract_face(content, shape, box)
    except ImageError as error:
        return _Outcome(position, str(error))
    if face is not None:
        images[position] = face
    return _Outcome(position, "", width, height, detected)
