"""Statistics that the figures show: arrays in, arrays out.

Counts of duplicates and conflicting labels for tables come from `mien.data.summary`; here is what needs the
pixels, and the choice of example faces.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.data.duplicates import duplicate_groups
from mien.data.summary import conflicting_groups
from mien.errors import DataError
from mien.faceset import FaceSet

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Numbers = Floats | Labels
Images = NDArray[np.uint8] | Floats

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of a distribution: the middle 90 %, the middle half, and the median."""

CHUNK: Final = 2048
"""Faces that are converted to floats at once, so that memory does not grow with the data set."""

LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in a gray value (ITU-R BT.601)."""


@dataclass(frozen=True)
class PixelStatistics:
    """Brightness (mean gray value) and contrast (standard deviation) of each face, (n,), 0..255."""

    brightness: Floats
    contrast: Floats


@dataclass(frozen=True)
class Duplicates:
    """Pixel-identical faces.

    Attributes:
        splits: Names of the splits that have faces.
        shared: int64, (splits, splits): faces of the row's split that are also in the column's split;
            on the diagonal, faces that repeat an earlier one of the same split.
        groups: Indices of each group of identical faces, the largest group first.
        conflicting: For each group, whether its faces have different labels.
    """

    splits: tuple[str, ...]
    shared: NDArray[np.int64]
    groups: tuple[NDArray[np.int64], ...]
    conflicting: tuple[bool, ...]


def pixel_statistics(faces: FaceSet) -> PixelStatistics:
    """Return brightness and contrast of each face."""
    found = PixelStatistics(np.empty(len(faces)), np.empty(len(faces)))
    for start in range(0, len(faces), CHUNK):
        part = slice(start, start + CHUNK)
        pixels = _gray(faces.images[part]).reshape(-1, faces.size**2)
        found.brightness[part] = pixels.mean(axis=1, dtype=np.float64)
        found.contrast[part] = pixels.std(axis=1, dtype=np.float64)
    return found


def mean_faces(faces: FaceSet) -> Floats:
    """Return the mean image of each class, (classes, *image shape), 0..255; NaN for an empty class."""
    means = np.full((len(faces.classes), *faces.images.shape[1:]), np.nan)
    for label in np.flatnonzero(faces.counts()):
        means[label] = faces.images[faces.labels == label].mean(axis=0)
    return means


def ferplus_shares(faces: FaceSet) -> Floats:
    """Return the distribution of the FER+ votes for the faces of each class, (classes, 10), rows sum to 1.

    The row of a class without votes is NaN.

    Raises:
        DataError: The faces have no votes.
    """
    if faces.votes is None:
        raise DataError(f"{faces.source}: no FER+ votes; read it together with fer2013new.csv")
    votes = [faces.votes[faces.labels == label].sum(axis=0) for label in range(len(faces.classes))]
    table = np.array(votes, np.float64)
    total = table.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(table, total, out=np.full_like(table, np.nan), where=total > 0)
    return shares


def find_duplicates(faces: FaceSet) -> Duplicates:
    """Return which faces are pixel-identical, within and across splits."""
    groups = duplicate_groups(faces.images)
    names = faces.split_names()
    order = np.argsort(groups, kind="stable")
    sets = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    sets = sorted((members for members in sets if len(members) > 1), key=lambda members: -len(members))
    conflicting = set(conflicting_groups(faces.labels, groups).tolist())
    return Duplicates(
        splits=names,
        shared=_shared([groups[faces.in_split(name)] for name in names]),
        groups=tuple(sets),
        conflicting=tuple(int(groups[members[0]]) in conflicting for members in sets),
    )


def choose(faces: FaceSet, label: int | None, number: int, seed: int) -> NDArray[np.int64]:
    """Return the indices, (m,), of up to `number` random faces of a class, or of any class (None).

    Raises:
        DataError: `number` is below 1 or `seed` below 0.
    """
    if number < 1:
        raise DataError(f"examples: {number}, expected 1 or more")
    if seed < 0:
        raise DataError(f"seed: {seed}, expected 0 or more")
    found = np.arange(len(faces)) if label is None else np.flatnonzero(faces.labels == label)
    return np.random.default_rng(seed).permutation(found)[:number]


def label_of_class(faces: FaceSet, name: str) -> int:
    """Return the label of the class `name`.

    Raises:
        DataError: There is no such class, or it has no faces.
    """
    if name not in faces.classes:
        raise DataError(f"{faces.source}: no class {name!r}; its classes are {', '.join(faces.classes)}")
    label = faces.classes.index(name)
    if not (faces.labels == label).any():
        raise DataError(f"{faces.source}: class {name!r} has no faces; choose another one")
    return label


def _gray(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    pixels: NDArray[np.float32] = images.astype(np.float32)
    return pixels @ LUMA if images.ndim == 4 else pixels


def _shared(groups: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    table = np.array([[np.isin(row, column).sum() for column in groups] for row in groups], np.int64)
    table = table.reshape(len(groups), len(groups))
    for position, own in enumerate(groups):
        table[position, position] = len(own) - len(np.unique(own))
    return table
