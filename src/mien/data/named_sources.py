"""Sources that are names, not paths: "kaggle" is FER2013, downloaded; "synthetic:N" are generated faces."""

import os
import re
from os import PathLike
from pathlib import Path
from typing import Final

from mien.data.reading import FaceShape
from mien.errors import DataError
from mien.faceset import FaceSet

KAGGLE: Final = "kaggle"
"""The source that is FER2013 from Kaggle."""

SYNTHETIC_FACES: Final = 3500
"""Faces of the source "synthetic" without a number."""

_SYNTHETIC: Final = re.compile(r"synthetic(?::(\d{1,7})(?::(\d{1,9}))?)?")


def downloaded(source: str | Path) -> str | Path:
    """Return a source, where "kaggle" is the path of FER2013, which is downloaded on first use.

    Args:
        source: "kaggle" or "kaggle:competition" for the rows of the competition, "kaggle:folder" for its
            images by class; any other source is returned as it is, as is a file or folder of that name.

    Raises:
        MissingExtraError: kagglehub is not installed.
        DataError: There is no such edition, no account, no network, or no disk space.
    """
    if not isinstance(source, str | PathLike):
        return source  # an error of the reader
    kind, _, edition = str(source).partition(":")
    if kind != KAGGLE or os.path.lexists(source):
        return source
    from mien.data.download import OFFERS, download_faces

    if (edition or next(iter(OFFERS))) not in OFFERS:
        choices = ", ".join(f"{KAGGLE}:{name}" for name in OFFERS)
        raise DataError(f"source {str(source)!r}: expected {KAGGLE}, {choices}")
    return download_faces(edition or next(iter(OFFERS)))  # type: ignore[arg-type]


def is_synthetic(source: str | PathLike[str]) -> bool:
    """Return whether synthetic faces are meant, rather than a file such as `synthetic:5.csv`."""
    name = str(source)
    is_valid = _SYNTHETIC.fullmatch(name) is not None
    return is_valid or (name.partition(":")[0] == "synthetic" and not os.path.lexists(name))


def synthetic_faces(source: str, shape: FaceShape) -> FaceSet:
    """Return the faces of "synthetic", "synthetic:COUNT" or "synthetic:COUNT:SEED".

    Raises:
        DataError: It is none of these.
    """
    match = _SYNTHETIC.fullmatch(source)
    if match is None or (match[1] is not None and not int(match[1])):
        raise DataError(
            f"source {source!r}: expected synthetic, synthetic:COUNT or synthetic:COUNT:SEED, for example "
            "synthetic:2000:7"
        )
    from mien.data.synthetic import generate_faces

    count, seed = int(match[1] or SYNTHETIC_FACES), int(match[2] or 0)
    return generate_faces(count, seed=seed, size=shape.size, channels=shape.channels)
