"""Summary of a data set: counts, fingerprint, duplicates, conflicting labels, FER+ agreement.

`mien data info` prints it; `mien.exploration` has statistics and figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mien.data.duplicates import duplicate_groups
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, FERPLUS_COLUMNS, FERPLUS_OF_EMOTION, UNLABELED


@dataclass(frozen=True)
class SplitInfo:
    """One split that contains faces.

    Attributes:
        name: "train", "validation" or "test".
        faces: Number of faces, labeled or not.
        distinct: Number of distinct images among them, pixel for pixel.
        counts: Number of labeled faces per class, in the order of `Info.classes`.
    """

    name: str
    faces: int
    distinct: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Overlap:
    """How many faces of `split` are pixel-identical to a face of `other`."""

    split: str
    other: str
    faces: int


@dataclass(frozen=True)
class FerPlusInfo:
    """Summary of the FER+ votes.

    Attributes:
        majorities: Number of faces per FER+ column with more votes than any other column.
        undecided: Faces whose most-voted column is tied, or that have no votes.
        comparable: Labeled faces whose majority is one of the seven emotions.
        agreeing: Those of them whose label is that emotion.
    """

    majorities: dict[str, int]
    undecided: int
    comparable: int
    agreeing: int


@dataclass(frozen=True)
class Info:
    """The result of `describe`.

    Attributes:
        source: Where the faces came from.
        faces: Number of faces.
        size: Side of a face in pixels.
        channels: 1 for gray, 3 for RGB.
        fingerprint: 32 hexadecimal digits over images, labels, splits and classes.
        classes: Names of the classes.
        splits: The splits that contain faces.
        overlaps: Every pair of those splits, the later one compared with the earlier one.
        distinct: Number of distinct images in all.
        conflicting: Number of distinct images with more than one label.
        unlabeled: Number of faces without a label.
        ferplus: Summary of the votes; None without them.
    """

    source: str
    faces: int
    size: int
    channels: int
    fingerprint: str
    classes: tuple[str, ...]
    splits: tuple[SplitInfo, ...]
    overlaps: tuple[Overlap, ...]
    distinct: int
    conflicting: int
    unlabeled: int
    ferplus: FerPlusInfo | None

    @property
    def totals(self) -> tuple[int, ...]:
        """Number of labeled faces per class, over all splits."""
        columns = [split.counts for split in self.splits]
        return tuple(map(sum, zip(*columns, strict=True))) if columns else (0,) * len(self.classes)


def describe(faces: FaceSet) -> Info:
    """Return counts, duplicates and label conflicts of `faces`."""
    groups = duplicate_groups(faces.images)
    return Info(
        source=faces.source,
        faces=len(faces),
        size=faces.size,
        channels=faces.channels,
        fingerprint=faces.fingerprint,
        classes=faces.classes,
        splits=tuple(_split_info(faces, groups, name) for name in faces.split_names()),
        overlaps=tuple(_overlaps(faces, groups)),
        distinct=len(np.unique(groups)),
        conflicting=len(conflicting_groups(faces.labels, groups)),
        unlabeled=int((faces.labels == UNLABELED).sum()),
        ferplus=None if faces.votes is None else _ferplus_info(faces, faces.votes),
    )


def conflicting_groups(labels: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the groups of identical faces with more than one label, ascending.

    Args:
        labels: int64, (n,); unlabeled faces conflict with nothing.
        groups: int64, (n,), as from `duplicate_groups`.
    """
    labeled = labels != UNLABELED
    pairs = np.unique(np.stack([groups[labeled], labels[labeled]], axis=1), axis=0)
    names, labels_each = np.unique(pairs[:, 0], return_counts=True)
    conflicting: NDArray[np.int64] = names[labels_each > 1]
    return conflicting


def _split_info(faces: FaceSet, groups: NDArray[np.int64], name: str) -> SplitInfo:
    mask = faces.in_split(name)
    labels = faces.labels[mask & (faces.labels != UNLABELED)]
    counts = np.bincount(labels, minlength=len(faces.classes))
    return SplitInfo(name, int(mask.sum()), len(np.unique(groups[mask])), tuple(counts.tolist()))


def _overlaps(faces: FaceSet, groups: NDArray[np.int64]) -> Iterator[Overlap]:
    for other, split in combinations(faces.split_names(), 2):
        shared = np.isin(groups[faces.in_split(split)], groups[faces.in_split(other)])
        yield Overlap(split, other, int(shared.sum()))


def _ferplus_info(faces: FaceSet, votes: NDArray[np.uint8]) -> FerPlusInfo:
    """Compare majorities with labels by name, so that other classes are compared as far as possible."""
    decided = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) == 1
    column = votes.argmax(axis=1)
    column_of = np.array([_column(name) for name in faces.classes])
    comparable = decided & (faces.labels != UNLABELED) & np.isin(column, [_column(name) for name in EMOTIONS])
    agreeing = comparable & (column_of[faces.labels] == column)
    counts = np.bincount(column[decided], minlength=len(FERPLUS_COLUMNS)).tolist()
    return FerPlusInfo(
        majorities=dict(zip(FERPLUS_COLUMNS, counts, strict=True)),
        undecided=int((~decided).sum()),
        comparable=int(comparable.sum()),
        agreeing=int(agreeing.sum()),
    )


def _column(name: str) -> int:
    """Return the FER+ column of an emotion, -1 for a class that has none."""
    return FERPLUS_COLUMNS.index(FERPLUS_OF_EMOTION[name]) if name in FERPLUS_OF_EMOTION else -1
