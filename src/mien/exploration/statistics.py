"""Numbers about a set of faces that figures are drawn from: arrays in, arrays out.

Counts of duplicates and doubtful labels for tables come from `mien.data.summary`; here is what
needs the pixels, and which faces to look at.
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
Pictures = NDArray[np.uint8] | Floats

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""What is drawn of a distribution: the middle 90 %, the middle half, the median."""

CHUNK: Final = 2048
"""Faces that are widened to floats at once, so that memory doesn't grow with the set."""


@dataclass(frozen=True)
class Light:
    """Brightness (mean gray value) and contrast (standard deviation) of each face, (n,), 0..255."""

    brightness: Floats
    contrast: Floats


@dataclass(frozen=True)
class Repeats:
    """Pixel-identical faces.

    Attributes:
        splits: Names of the splits that hold faces.
        shared: int64, (splits, splits): faces of the row's split that the column's split holds too;
            on the diagonal, faces that repeat an earlier one of the same split.
        groups: Positions of each set of identical faces, the largest set first.
        conflicting: For each of the groups, whether its faces carry different labels.
    """

    splits: tuple[str, ...]
    shared: NDArray[np.int64]
    groups: tuple[NDArray[np.int64], ...]
    conflicting: tuple[bool, ...]


def light(faces: FaceSet) -> Light:
    """Return brightness and contrast of each face."""
    found = Light(np.empty(len(faces)), np.empty(len(faces)))
    for start in range(0, len(faces), CHUNK):
        part = slice(start, start + CHUNK)
        pixels = faces.images[part].reshape(-1, faces.size**2).astype(np.float32)
        found.brightness[part] = pixels.mean(axis=1, dtype=np.float64)
        found.contrast[part] = pixels.std(axis=1, dtype=np.float64)
    return found


def mean_faces(faces: FaceSet) -> Floats:
    """Return the mean face of each class, (classes, side, side), 0..255; NaN for an empty class."""
    means = np.full((len(faces.classes), faces.size, faces.size), np.nan)
    for label in np.flatnonzero(faces.counts()):
        means[label] = faces.images[faces.labels == label].mean(axis=0)
    return means


def ferplus_shares(faces: FaceSet) -> Floats:
    """Return how the FER+ votes for the faces of each class are spread, (classes, 10), rows sum to 1.

    A class without votes has a row of NaN.

    Raises:
        DataError: The faces have no votes.
    """
    if faces.votes is None:
        raise DataError(f"{faces.source}: no FER+ votes; read it with ferplus=fer2013new.csv")
    votes = [faces.votes[faces.labels == label].sum(axis=0) for label in range(len(faces.classes))]
    table = np.array(votes, np.float64)
    total = table.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(table, total, out=np.full_like(table, np.nan), where=total > 0)
    return shares


def repeats(faces: FaceSet) -> Repeats:
    """Return which faces are pixel-identical, within and across splits."""
    groups = duplicate_groups(faces.images)
    names = faces.split_names()
    order = np.argsort(groups, kind="stable")
    sets = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    sets = sorted((members for members in sets if len(members) > 1), key=lambda members: -len(members))
    doubtful = set(conflicting_groups(faces.labels, groups).tolist())
    return Repeats(
        splits=names,
        shared=_shared([groups[faces.in_split(name)] for name in names]),
        groups=tuple(sets),
        conflicting=tuple(int(groups[members[0]]) in doubtful for members in sets),
    )


def choose(faces: FaceSet, label: int | None, number: int, seed: int) -> NDArray[np.int64]:
    """Return positions of up to `number` faces of a class, or of any (None), drawn by `seed`.

    Raises:
        DataError: `number` is below 1 or `seed` below 0.
    """
    if number < 1:
        raise DataError(f"asked for {number} example faces, expected 1 or more")
    if seed < 0:
        raise DataError(f"seed {seed}, expected 0 or more")
    found = np.arange(len(faces)) if label is None else np.flatnonzero(faces.labels == label)
    return np.random.default_rng(seed).permutation(found)[:number]


def class_position(faces: FaceSet, name: str) -> int:
    """Return the label of the class `name`.

    Raises:
        DataError: There is no such class, or it has no faces.
    """
    if name not in faces.classes:
        raise DataError(f"{faces.source}: no class {name!r}; its classes are {', '.join(faces.classes)}")
    label = faces.classes.index(name)
    if not (faces.labels == label).any():
        raise DataError(f"{faces.source}: no face of class {name!r}; choose a class that has some")
    return label


def _shared(groups: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    table = np.array([[np.isin(row, column).sum() for column in groups] for row in groups], np.int64)
    table = table.reshape(len(groups), len(groups))
    for position, own in enumerate(groups):
        table[position, position] = len(own) - len(np.unique(own))
    return table
