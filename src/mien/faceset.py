"""FaceSet: the one value that every reader returns and everything downstream takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from mien.arguments import TEXT, items_of, require, shown
from mien.errors import DataError
from mien.files.mapped import blocks_of, taken
from mien.labels import EMOTIONS, SPLITS, UNLABELED
from mien.limits import MAX_CLASSES, MAX_ROWS
from mien.text import counted, utf8


@dataclass(frozen=True, eq=False)
class FaceSet:
    """Faces with labels and splits. Arrays are read-only; two sets are compared by fingerprint.

    Attributes:
        images: uint8, (n, size, size) gray, or (n, size, size, 3) RGB.
        labels: int64, (n,); a position in `classes`, or -1 where the label is unknown.
        splits: uint8, (n,); a position in `mien.labels.SPLITS`.
        ids: str, (n,); unique names: the row number of a CSV, the path below a folder.
        classes: Names of the classes, in the order of the labels.
        votes: FER+ votes, uint8, (n, 10), columns as in `FERPLUS_COLUMNS`; None without them.
        source: Where the faces came from, for errors and reports.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    splits: NDArray[np.uint8]
    ids: NDArray[np.str_]
    classes: tuple[str, ...] = EMOTIONS
    votes: NDArray[np.uint8] | None = None
    source: str = ""

    def __post_init__(self) -> None:
        """Check shapes, types and ranges, and make the arrays read-only.

        Raises:
            DataError: The parts are inconsistent.
        """
        for name in ("images", "labels", "splits", "ids"):
            _require_array(name, getattr(self, name))
        if self.votes is not None:
            _require_array("votes", self.votes)
        require("inconsistent FaceSet: source", self.source, TEXT, DataError)
        _require_images(self.images)
        _require_classes(self.classes)
        n, last = len(self.images), len(self.classes) - 1
        _require_column("labels", self.labels, np.int64, n, UNLABELED, last)
        _require_column("splits", self.splits, np.uint8, n, 0, len(SPLITS) - 1)
        _require(self.ids.shape == (n,), f"ids of shape {self.ids.shape} for {counted(n, 'image')}")
        if self.votes is not None:
            _require(self.votes.shape == (n, 10), f"votes of shape {self.votes.shape}, expected ({n}, 10)")
        for array in (self.images, self.labels, self.splits, self.ids, self.votes):
            if array is not None:
                array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        """Return one line without the arrays, which have millions of values."""
        return (
            f"FaceSet(n={len(self)}, size={self.size}, channels={self.channels}, classes={self.classes}, "
            f"splits={self.split_names()}, source={self.source!r})"
        )

    @property
    def size(self) -> int:
        """Side of a face in pixels."""
        return int(self.images.shape[1])

    @property
    def channels(self) -> int:
        """Channels of a face: 1 for gray, 3 for RGB."""
        return 1 if self.images.ndim == 3 else int(self.images.shape[3])

    def take(self, index: NDArray[np.bool_] | NDArray[np.int64]) -> "FaceSet":
        """Return the faces at `index`, a mask (n,) or positions (m,), in that order.

        Raises:
            DataError: `index` is of another type or shape, or has a position that does not exist.
        """
        index = require_index(index, len(self))
        return replace(
            self,
            images=taken(self.images, index),
            labels=self.labels[index],
            splits=self.splits[index],
            ids=self.ids[index],
            votes=None if self.votes is None else self.votes[index],
        )

    def without_images(self) -> "FaceSet":
        """Return the faces with images of one pixel, which take no memory, for what needs the labels only."""
        return replace(self, images=np.broadcast_to(np.uint8(0), (len(self), 1, 1)))

    def of_split(self, split: str) -> "FaceSet":
        """Return the faces of one split: "train", "validation" or "test"; the set may be empty.

        Raises:
            DataError: There is no such split.
        """
        return self.take(self.in_split(split))

    def in_split(self, split: str) -> NDArray[np.bool_]:
        """Return a mask, bool (n,), of the faces of one split: "train", "validation" or "test".

        Raises:
            DataError: There is no such split.
        """
        if not isinstance(split, str) or split not in SPLITS:
            raise DataError(f"split={shown(split)}, expected one of {', '.join(SPLITS)}")
        mask: NDArray[np.bool_] = self.splits == SPLITS.index(split)
        return mask

    def counts(self) -> NDArray[np.int64]:
        """Return the number of faces per class, (classes,); unlabeled faces are not counted."""
        return np.bincount(self.labels[self.labels != UNLABELED], minlength=len(self.classes))

    def split_names(self) -> tuple[str, ...]:
        """Return the splits that contain a face, in the order of `SPLITS`."""
        return tuple(name for code, name in enumerate(SPLITS) if bool((self.splits == code).any()))

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits over images, labels, splits and classes; not over ids and votes."""
        digest = xxhash.xxh3_128()
        digest.update(utf8("\n".join((str(self.images.shape), *self.classes))))
        parts: Sequence[NDArray[np.generic]] = (self.images, self.labels, self.splits)
        for part in parts:
            for block in blocks_of(part):
                digest.update(np.ascontiguousarray(block).data)
        return digest.hexdigest()


def require_index(index: NDArray[np.bool_] | NDArray[np.int64], n: int) -> NDArray[Any]:
    """Return an index of some of `n` faces as an array.

    Raises:
        DataError: It is of another type or shape, or has a position that does not exist.
    """
    try:
        given = (
            index if isinstance(index, np.ndarray) else items_of(index, "index of faces", MAX_ROWS, DataError)
        )
        array: NDArray[Any] = np.asarray(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"index of faces: {error}; expected a mask or positions") from error
    array = array.astype(np.int64) if array.shape == (0,) and array.dtype.kind == "f" else array
    is_mask = array.dtype == np.bool_ and array.shape == (n,)
    is_list = array.dtype.kind in "iu" and array.ndim == 1 and bool(((array >= -n) & (array < n)).all())
    if not (is_mask or is_list):
        raise DataError(
            f"index of faces of type {array.dtype} and shape {array.shape}, expected a mask ({n},) or "
            f"positions below {n}"
        )
    return array


def _require_array(name: str, value: object) -> None:
    _require(
        isinstance(value, np.ndarray), f"{name} of type {type(value).__name__}, expected an array of numpy"
    )


def _require_images(images: NDArray[np.uint8]) -> None:
    square = images.ndim in (3, 4) and images.shape[1] == images.shape[2] and images.shape[3:] in ((), (3,))
    _require(square, f"images of shape {images.shape}, expected (n, size, size) or (n, size, size, 3)")
    _require(images.dtype == np.uint8, f"images of type {images.dtype}, expected uint8")


def _require_classes(classes: tuple[str, ...]) -> None:
    texts = isinstance(classes, tuple) and all(isinstance(name, str) for name in classes)
    _require(texts, f"classes of type {type(classes).__name__}, expected a tuple of names")
    _require(0 < len(classes) <= MAX_CLASSES, f"{len(classes)} classes, expected 1 to {MAX_CLASSES}")
    _require(len(set(classes)) == len(classes), f"class names repeat: {classes}")


def _require_column(
    name: str, column: NDArray[np.int64] | NDArray[np.uint8], kind: type, n: int, least: int, most: int
) -> None:
    """Check that `column` has one whole number of the type `kind` for each of `n` images."""
    _require(column.shape == (n,), f"{name} of shape {column.shape} for {counted(n, 'image')}")
    _require(column.dtype == kind, f"{name} of type {column.dtype}, expected {np.dtype(kind)}")
    inside = (column >= least) & (column <= most)
    _require(bool(inside.all()), f"{name} outside {least}..{most}")


def _require(condition: bool, found: str) -> None:
    if not condition:
        raise DataError(f"inconsistent FaceSet: {found}")
