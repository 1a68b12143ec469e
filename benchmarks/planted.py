"""A copy of a data set with planted label errors, duplicates, non-faces and bad images."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from planted_copies import COPIES
from planted_images import CHANGED, DRAWN, objects

from mien.faceset import FaceSet
from mien.labels import UNLABELED

LABEL_ERRORS = 0.04
"""Fraction of the faces that get another label at random."""

OTHER_LABEL = 0.3
"""Fraction of the copies that get another label."""


@dataclass(frozen=True)
class Planted:
    """A data set with planted defects.

    Attributes:
        faces: The data set; copies come last.
        kind: str, (n,); the kind of defect of each row, "" where there is none.
        original: int64, (n,); the row that a copy shows, -1 for others.
        labels: int64, (n,); the labels before.
    """

    faces: FaceSet
    kind: NDArray[np.str_]
    original: NDArray[np.int64]
    labels: NDArray[np.int64]


def plant(faces: FaceSet, seed: int = 0, *, each: int = 150, defects: int = 60) -> Planted:
    """Plant label errors, `each` copies of a kind, and `defects` images of each other kind.

    Label errors, other images and originals of copies are different rows; copies are appended, in splits as
    frequent as those of the data set.
    """
    rng = np.random.default_rng(seed)
    free = rng.permutation(np.flatnonzero(faces.labels != UNLABELED)).tolist()
    wrong = [free.pop() for _ in range(round(LABEL_ERRORS * len(faces)))]
    labels, kind = faces.labels.copy(), np.full(len(faces), "", dtype="<U40")
    labels[wrong] = other_labels(labels[wrong], faces, rng)
    kind[wrong] = "label error"
    images = faces.images.copy()
    for name, row, image in bad_images(images, free, defects, rng):
        images[row], kind[row] = image, name
    sources = [free.pop() for _ in range(each * len(COPIES))]
    names = [name for name in COPIES for _ in range(each)]
    copies = [COPIES[name](images[row], rng) for name, row in zip(names, sources, strict=True)]
    differs = rng.random(len(sources)) < OTHER_LABEL
    own = labels[sources]
    planted = with_copies(
        replace(faces, images=images, labels=labels), np.stack(copies), np.array(sources),
        np.where(differs, other_labels(own, faces, rng), own), rng,
    )  # fmt: skip
    return Planted(
        planted,
        np.concatenate([kind, names]),
        np.concatenate([np.full(len(faces), -1), sources]).astype(np.int64),
        np.concatenate([faces.labels, faces.labels[sources]]),
    )


def other_labels(labels: NDArray[np.int64], faces: FaceSet, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return another class for each label, at random."""
    classes = len(faces.classes)
    return (labels + rng.integers(1, classes, len(labels))) % classes


def bad_images(
    images: NDArray[np.uint8], free: list[int], count: int, rng: np.random.Generator
) -> list[tuple[str, int, NDArray[np.uint8]]]:
    """Return `count` kinds, rows and images of each kind of replaced image; takes rows of `free`."""
    found = [("object", free.pop(), image) for image in objects(rng, count)]
    found += [(name, free.pop(), make(rng)) for name, make in DRAWN.items() for _ in range(count)]
    for name, change in CHANGED.items():
        rows = [free.pop() for _ in range(count)]
        found += [(name, row, change(images[row], rng)) for row in rows]
    return found


def with_copies(
    faces: FaceSet,
    copies: NDArray[np.uint8],
    sources: NDArray[np.int64],
    labels: NDArray[np.int64],
    rng: np.random.Generator,
) -> FaceSet:
    """Return the data set with copies of some of its rows at its end."""
    count = len(copies)
    return replace(
        faces,
        images=np.concatenate([faces.images, copies]),
        labels=np.concatenate([faces.labels, labels]),
        splits=np.concatenate([faces.splits, rng.choice(faces.splits, count)]),
        ids=np.array([*faces.ids, *(str(len(faces) + 1 + at) for at in range(count))], np.str_),
        votes=None if faces.votes is None else np.concatenate([faces.votes, faces.votes[sources]]),
        source="planted",
    )
