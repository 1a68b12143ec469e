"""Faces of a split, and which of them are also in the training set."""

import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.data.duplicates import pixel_digests
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import SPLITS

ALL: Final = "all"
"""The name in place of that of a split for all faces of a source."""

OUT_OF_FOLD: Final = "out-of-fold"
"""Name of the faces of a data set that were predicted out of fold."""


def require_split(split: str) -> None:
    """Check that `split` is the name of a split.

    Raises:
        DataError: It is not.
    """
    if split not in (*SPLITS, ALL):
        expected = f"{', '.join(SPLITS)} or {ALL}"
        raise DataError(f"no split {split!r}; expected {expected}", expected=expected)


def faces_of_split(faces: FaceSet, split: str) -> FaceSet:
    """Return the faces of one split, or every face for "all".

    Raises:
        DataError: There are none, or there is no such split.
    """
    require_split(split)
    found = faces if split == ALL else faces.of_split(split)
    if not len(found):
        others = ", ".join(faces.split_names()) or "none"
        raise DataError(
            f"{faces.source}: no faces in the split {split!r}; its splits are: {others}. "
            "Choose one of those, or another source"
        )
    return found


def in_training(images: NDArray[np.uint8], training: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return a mask (n,) of the images that are pixel-identical to one of `training`."""
    return np.isin(pixel_digests(images), pixel_digests(training))


def name_of_source(faces: FaceSet) -> str:
    """Return a name for files about these faces, valid on any system: "synthetic:300" has a colon."""
    stem = re.sub(r"[^\w.-]+", "-", Path(faces.source).stem) or "faces"
    return f"{stem}-{faces.fingerprint[:8]}"
