"""Folds of a cross-validation, in which the copies of a face are together."""

from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mien.data.near_duplicates import similar_groups
from mien.faceset import FaceSet

_GROUPS: "Final[WeakKeyDictionary[FaceSet, NDArray[np.int64]]]" = WeakKeyDictionary()
"""Groups of similar faces by data set: out-of-fold training needs them for each fold."""


def fold_numbers(faces: FaceSet, folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each face, (n,), 1 to `folds`; a function of pixels, labels, splits and `seed`.

    Faces of all splits get a fold, each class and split in equal parts as far as possible. Duplicates, also
    shifted and mirrored ones, are in one fold, so that no network predicts what it was trained on.

    Args:
        faces: Faces of all splits.
        folds: Number of folds, 2 or more.
        seed: Decides which faces are in which fold.
    """
    groups = _GROUPS.get(faces)
    if groups is None:
        groups = _GROUPS[faces] = similar_groups(faces.images)
    names, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    stratum = faces.labels[first] * 8 + faces.splits[first]
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(stratum[order], kind="stable")]
    begins = np.cumsum(sizes[order]) - sizes[order]
    found = np.empty(len(names), np.int64)
    for value in np.unique(stratum):
        own = stratum[order] == value
        start, total = begins[own][0], sizes[order][own].sum()
        found[order[own]] = (begins[own] - start) * folds // total + 1
    return found[np.searchsorted(names, groups)]
