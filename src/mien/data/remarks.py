"""What a user should know of a data set before training on it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.faceset import FaceSet
from mien.labels import TRAIN, UNLABELED, VALIDATION
from mien.text import listed

MOST: Final = 5
"""Classes that a remark names."""

_WORDS: Final = {TRAIN: "training", VALIDATION: "validation"}

_MEANING: Final = {
    TRAIN: "no network can be trained to predict {them}",
    VALIDATION: "the checkpoint is selected without {them}",
}


def class_remarks(faces: FaceSet) -> list[str]:
    """Return a remark for each split that lacks classes: training, and validation if there is one.

    Args:
        faces: Of all splits.
    """
    return [remark for split in (TRAIN, VALIDATION) for remark in _missing(faces, split)]


def _missing(faces: FaceSet, split: str) -> list[str]:
    labels = faces.labels[faces.in_split(split)]
    counts = np.bincount(labels[labels != UNLABELED], minlength=len(faces.classes))
    names = [name for name, count in zip(faces.classes, counts, strict=True) if not count]
    if not names or not counts.any():
        return []
    them = "it" if len(names) == 1 else "them"
    return [f"{_listed(names)}: no {_WORDS[split]} faces; {_MEANING[split].format(them=them)}"]


def _listed(names: Sequence[str]) -> str:
    word = "class" if len(names) == 1 else "classes"
    return f"{word} {listed(list(map(repr, names)), MOST)}"
