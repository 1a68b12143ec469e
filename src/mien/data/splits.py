"""A stratified hold-out for sources without a validation split."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mien.data.duplicates import duplicate_groups
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import SPLITS, TEST, TRAIN, UNLABELED, VALIDATION


def with_validation(faces: FaceSet, share: float, seed: int, *, always: bool = False) -> FaceSet:
    """Return `faces` with a validation split, held out of training if the source has none.

    The hold-out takes `share` of each class. Pixel-identical faces stay on one side of the
    cut, so that no validation face was trained on.

    Args:
        faces: Any face set with training faces.
        share: Part of the training split that becomes validation, 0 to 1.
        seed: Decides which faces are held out.
        always: Hold them out of training even if the source has a validation split, which becomes a part of
            the test split: so a selection on the hold-out leaves the validation split of the source unused.

    Raises:
        DataError: A class has too few distinct faces to be on both sides.
    """
    if always:
        splits = faces.splits.copy()
        splits[faces.in_split(VALIDATION)] = SPLITS.index(TEST)
        faces = replace(faces, splits=splits)
    elif faces.in_split(VALIDATION).any():
        return faces
    training = np.flatnonzero(faces.in_split(TRAIN) & (faces.labels != UNLABELED))
    held = training[_held_out(faces.take(training), share, np.random.default_rng(seed))]
    splits = faces.splits.copy()
    splits[held] = SPLITS.index(VALIDATION)
    return replace(faces, splits=splits)


def _held_out(faces: FaceSet, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of whole duplicate groups, class by class, until `share` of the class is reached."""
    groups = duplicate_groups(faces.images)
    group_class = faces.labels[groups]
    held: list[NDArray[np.int64]] = []
    for label, name in enumerate(faces.classes):
        members = np.flatnonzero(group_class == label)
        if not len(members):
            continue
        names, sizes = np.unique(groups[members], return_counts=True)
        if len(names) < 2:
            raise DataError(
                f"{faces.source}: class {name!r} has {len(names)} distinct training face; "
                "a validation hold-out needs 2 or more; add faces or leave the class out"
            )
        order = rng.permutation(len(names))
        wanted = max(1, round(share * len(members)))
        count = int(np.searchsorted(np.cumsum(sizes[order]), wanted)) + 1
        chosen = names[order[: min(count, len(names) - 1)]]
        held.append(members[np.isin(groups[members], chosen)])
    return np.sort(np.concatenate(held)) if held else np.zeros(0, np.int64)
