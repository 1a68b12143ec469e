"""Arrays of numpy: an `.npz` with images and labels, or `.npy` files of them, in a folder or side by side.

Images are (n, side, side), (n, side, side, 1 or 3), (n, 1 or 3, side, side) or flat (n, side * side), with
values from 0 to 255 or, as floats, 0 to 1. Labels are numbers, names, or one-hot rows; without any, faces are
unlabeled. The split is part of the names (`x_train`, `y_train`, `x_test`, ...) or given by an array `splits`;
else all faces are in the training split. Nothing is unpickled.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.data.readers.array_values import CLASS_ARRAYS, faces_of, label_names
from mien.data.readers.base import Reader, SourceFiles
from mien.data.readers.layout import SPLIT_OF_NAME, class_names, label_in
from mien.data.reading import FaceShape, Faults, Reading, require_size
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.bounded import read_up_to
from mien.files.mapped import mapped_stream, npy_header
from mien.labels import EMOTIONS, SPLITS, TRAIN, UNLABELED
from mien.limits import MAX_ARRAY_BYTES, MAX_LABEL_BYTES, MAX_UNPACKED, unpacked_limit
from mien.media.archives.members import Member
from mien.text import counted

IMAGES: Final = ("images", "image", "faces", "pixels", "x", "data", "arr_0")
LABELS: Final = ("labels", "label", "emotions", "emotion", "targets", "target", "y", "arr_1")
SPLIT_ARRAYS: Final = ("splits", "split", "usage", "usages")
"""Names of arrays, in lower case."""

_MAX_HEADER: Final = 10_000
"""Bytes of the header of an array."""

_MAGIC: Final = b"\x93NUMPY"
_WORDS: Final = re.compile(r"[_.\- ]+")


@dataclass(frozen=True)
class _Part:
    """The arrays of one split; `split` is None if none is named."""

    split: str | None
    images: Member
    labels: Member | None


class ArrayReader(Reader):
    """Reads an `.npz`, a folder of `.npy` files, or an `.npy` file with its labels beside it."""

    def recognizes(self, source: SourceFiles) -> bool:
        """Return whether a file is an array, or all files of an archive or folder are."""
        if source.single:
            return source.head(source.members[0]).startswith(_MAGIC)
        arrays = source.files(".npy")
        return bool(arrays) and len(arrays) == len(source.files(""))

    def read(self, source: SourceFiles, faults: Faults, shape: FaceShape) -> Reading:
        """Read the faces in their order; the ids are their numbers, from 1."""
        named = _by_name([*source.members, *self.outside(source)])
        parts = list(_parts(named, faults.source))
        _require_unpacked(parts, named, source)
        read = [_read_part(part, named, faults.source, shape) for part in parts]
        images, labels, splits = (_joined(arrays) for arrays in zip(*read, strict=True))
        names = label_names(named, faults.source, _load)
        faces = _face_set(images, labels, splits, names, faults.source)
        return Reading(faces)

    def outside(self, source: SourceFiles) -> Sequence[Member]:
        """Return the labels beside a single file of images, such as `y.npy` beside `x.npy`."""
        if not source.single:
            return ()
        folder, found = source.path.parent, _role(source.members[0])
        if found is None or found[0] != "images":
            return ()
        files = (
            Member(path.name, path.stat().st_size, _opener(path)) for path in sorted(folder.glob("*.npy"))
        )
        return [member for member in files if _role(member) == ("labels", found[1])][:1]


ARRAYS: Final = ArrayReader()


def _require_unpacked(parts: Sequence[_Part], named: Mapping[str, Member], source: SourceFiles) -> None:
    """Check how many bytes the arrays that are read declare to have."""
    used = [member for part in parts for member in (part.images, part.labels) if member is not None]
    used += [named[name] for name in (*SPLIT_ARRAYS, *CLASS_ARRAYS) if name in named]
    size, limit = sum(member.size for member in used), unpacked_limit(sum(map(source.size_of, used[:1])))
    if not source.path.is_dir() and size > limit:
        raise DataError(f"{source.path}: arrays of {size >> 20} MB; the limit of it is {limit >> 20} MB")


def _joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _opener(path: Path) -> Any:  # noqa: ANN401 - a function that opens a binary file
    return lambda: path.open("rb")


def _by_name(members: Sequence[Member]) -> dict[str, Member]:
    return {PurePosixPath(member.path).name.lower().removesuffix(".npy"): member for member in members}


def _role(member: Member) -> tuple[str, str | None] | None:
    """Whether an array holds images or labels, and of which split; None for any other."""
    name = PurePosixPath(member.path).name.lower().removesuffix(".npy")
    words = _WORDS.split(name)
    split = next((SPLIT_OF_NAME[word] for word in words if word in SPLIT_OF_NAME), None)
    rest = [word for word in words if word not in SPLIT_OF_NAME]
    for role, names in (("images", IMAGES), ("labels", LABELS)):
        if name in names or (len(rest) == 1 and rest[0] in names):
            return role, split
    return None


def _parts(named: Mapping[str, Member], source: str) -> Iterator[_Part]:
    """Yield the images with their labels, split by split.

    Raises:
        DataError: There are no images, or their names are ambiguous.
    """
    roles = {name: _role(member) for name, member in named.items()}
    images = {role[1]: named[name] for name, role in roles.items() if role and role[0] == "images"}
    if not images and len(named) == 1:
        images = {None: next(iter(named.values()))}
    count = sum(role is not None and role[0] == "images" for role in roles.values())
    if not images or count > len(images):
        raise DataError(
            f"{source}: its arrays are {', '.join(named)}; expected images and labels, or x_train, y_train, "
            "x_test, y_test"
        )
    labels = {role[1]: named[name] for name, role in roles.items() if role and role[0] == "labels"}
    if labels.keys() - images.keys():
        raise DataError(f"{source}: its arrays are {', '.join(named)}; labels without images of their split")
    order = (None, *SPLITS)
    for split, member in sorted(images.items(), key=lambda item: order.index(item[0])):
        yield _Part(split, member, labels.get(split))


def _read_part(
    part: _Part, named: Mapping[str, Member], source: str, shape: FaceShape
) -> tuple[NDArray[np.uint8], NDArray[Any], NDArray[np.uint8]]:
    where = f"{source}: {part.images.path}"
    array = _load(part.images, source)
    if array.ndim:
        require_size(len(array), 0, array.nbytes, where)
    images = faces_of(array, where, shape)
    if part.labels is None:
        labels: NDArray[Any] = np.full(len(images), "", "U1")
    else:
        labels = np.atleast_1d(_load(part.labels, source, MAX_LABEL_BYTES))
    if len(labels) != len(images):
        raise DataError(
            f"{where}: {counted(len(images), 'image')}, but {counted(len(labels), 'label')}; expected one "
            "for each"
        )
    return images, _label_texts(labels, source), _splits_of(part, named, len(images), source)


def _label_texts(labels: NDArray[Any], source: str) -> NDArray[np.str_]:
    """Labels as names or numbers, (n,); empty where there is none."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "biuf":
        one_hot = ((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all()
        if not one_hot:
            raise DataError(
                f"{source}: labels of shape {labels.shape}, expected numbers, names or one-hot rows"
            )
        labels = labels.argmax(axis=1)
    if labels.ndim != 1 or labels.dtype.kind not in "iufUS":
        raise DataError(f"{source}: labels of type {labels.dtype} and shape {labels.shape}, expected (n,)")
    if labels.dtype.kind in "iuf":
        if not (
            np.isfinite(labels).all() and (labels == np.floor(labels)).all() and (labels >= UNLABELED).all()
        ):
            raise DataError(f"{source}: a label that is no whole number from 0")
        return np.where(labels == UNLABELED, "", labels.astype(np.int64).astype(np.str_))
    return np.char.strip(labels.astype(np.str_))


def _splits_of(part: _Part, named: Mapping[str, Member], count: int, source: str) -> NDArray[np.uint8]:
    if part.split is not None:
        return np.full(count, SPLITS.index(part.split), np.uint8)
    found = next((named[name] for name in SPLIT_ARRAYS if name in named), None)
    if found is None:
        return np.full(count, SPLITS.index(TRAIN), np.uint8)
    values = _load(found, source, MAX_LABEL_BYTES)
    numbers = {str(number): name for number, name in enumerate(SPLITS)}
    names = [str(value).strip().lower() for value in values.tolist()] if values.shape == (count,) else []
    splits = [SPLIT_OF_NAME.get(numbers.get(name, name)) for name in names]
    if len(splits) != count or None in splits:
        raise DataError(
            f"{source}: {found.path}: expected train, validation or test for each of "
            f"{counted(count, 'image')}"
        )
    return np.array([SPLITS.index(split) for split in splits if split], np.uint8)


def _face_set(
    images: NDArray[np.uint8],
    labels: NDArray[np.str_],
    splits: NDArray[np.uint8],
    names: Sequence[str] | None,
    source: str,
) -> FaceSet:
    """The faces; numbers are positions in `names` if there are any."""
    different, positions = np.unique(labels, return_inverse=True)
    called = [_called(label, names, source) for label in different.tolist()]
    classes = class_names(names or filter(None, called)) if names or any(called) else EMOTIONS
    numbers = np.array([label_in(name, classes) if name else UNLABELED for name in called], np.int64)
    ids = np.array([str(number) for number in range(1, len(images) + 1)], np.str_)
    return FaceSet(images, numbers[positions], splits, ids, classes)


def _called(label: str, names: Sequence[str] | None, source: str) -> str:
    if not names or not label.isdigit():
        return label
    if int(label) >= len(names):
        raise DataError(f"{source}: label {label}, but classes names only {len(names)}")
    return names[int(label)]


def _load(member: Member, source: str, longest: int = 16) -> NDArray[Any]:
    """Read an array, whose header is checked before its values are read.

    Args:
        member: The file.
        source: Its source in errors.
        longest: Bytes that a value may have.

    Raises:
        DataError: It is damaged, too large, or holds Python objects.
    """
    where = f"{source}: {member.path}"
    if member.problem:
        raise DataError(f"{where}: {member.problem}")
    try:
        with member.open() as stream:
            # The header declares its own length.
            shape, _, dtype = npy_header(io.BytesIO(read_up_to(stream, _MAX_HEADER)))
        _require_header(shape, dtype, member.size or MAX_UNPACKED, longest, where)
        with member.open() as stream:
            array = mapped_stream(stream)
            if array is None:
                array = np.lib.format.read_array(stream, allow_pickle=False)
    except (OSError, DataError):
        raise
    except Exception as error:  # numpy raises errors of many types for a malformed header
        raise DataError(
            f"{where}: not an array of numpy, or damaged ({' '.join(str(error).split())[:80]})"
        ) from error
    return array


def _require_header(
    shape: tuple[int, ...], dtype: "np.dtype[Any]", limit: int, longest: int, where: str
) -> None:
    if dtype.hasobject or dtype.itemsize > longest:
        raise DataError(f"{where}: Python objects, or values of over {longest} bytes; expected numbers")
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if size > min(limit, MAX_ARRAY_BYTES):
        raise DataError(f"{where}: its header declares {size} bytes, over {limit}; damaged or cut off")
