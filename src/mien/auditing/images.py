"""Findings about single images: blank, dark, overexposed, blurred, of low resolution, or not a face."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.auditing.faceness import face_scores
from mien.auditing.finding import NOT_A_FACE, Finding, finding
from mien.auditing.quality import BLANK, DARK, MEASURES, measured
from mien.data.near_duplicates import gray_images
from mien.faceset import FaceSet

LEAST_SCORE: Final = 0.15
"""Score of MTCNN's O-Net below which an image is no face. Of FER2013's faces, 0.7 % are below."""

CERTAIN: Final = 0.99
"""Score from which an unusual image is a face all the same."""

MOST_RESIDUAL: Final = 0.4
"""Share of the variance of an image that the principal components of all images don't explain, at most."""

COMPONENTS: Final = 40
LEAST_IMAGES: Final = 400
"""Number of images from which their principal components describe faces."""

MOST_REJECTED: Final = 0.2
"""If more images are no faces by these rules, the rules don't suit the data set, as with drawings."""

Floats = NDArray[np.float64]


def bad_images(faces: FaceSet) -> tuple[list[Finding], list[str]]:
    """Return the findings about single images, and notes for the user."""
    measures = measured(faces.images)
    found = [
        finding(
            faces, int(at), measure.reason, 1 - values[at] / measure.limit,
            details=measure.unit.format(values[at]),
        )
        for measure in MEASURES
        for values in (measures[measure.reason],)
        for at in np.flatnonzero(values < measure.limit)
    ]  # fmt: skip
    hidden = {one.position for one in found if one.reason in (BLANK, DARK)}
    others = [one for one in _non_faces(faces) if one.position not in hidden]
    if len(others) > MOST_REJECTED * len(faces):
        note = (
            f"{len(others):,} of {len(faces):,} images are no faces for the network that judges it, so this "
            "is not reported: the data set seems to show other faces than photographs"
        )
        return found, [note]
    return [*found, *others], []


def _non_faces(faces: FaceSet) -> Iterator[Finding]:
    unusual = residuals(faces.images)
    limit = max(MOST_RESIDUAL, float(np.quantile(unusual, 0.99))) if len(unusual) else 1.0
    scores = face_scores(faces.images, np.where(unusual > limit, CERTAIN, LEAST_SCORE))
    for at in np.flatnonzero((scores < LEAST_SCORE) | ((unusual > limit) & (scores < CERTAIN))):
        reason = (
            "unlike the other images of the data set"
            if scores[at] >= LEAST_SCORE
            else "no face is recognized"
        )
        yield finding(
            faces, int(at), NOT_A_FACE, 1 - min(scores[at], 0.5 * CERTAIN if unusual[at] > limit else 1.0),
            details=f"{reason} (face score {scores[at]:.2f})",
        )  # fmt: skip


def residuals(images: NDArray[np.uint8]) -> Floats:
    """Return the share of the variance of each image that eigenfaces don't explain (Turk & Pentland 1991).

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3). Of few images, it is 0.
    """
    if len(images) < LEAST_IMAGES:
        return np.zeros(len(images))
    gray = gray_images(images)
    cells = gray.reshape(len(gray), 16, 3, 16, 3).mean((2, 4), dtype=np.float32).reshape(len(gray), 256)
    cells -= cells.mean(1, keepdims=True)
    cells /= np.maximum(np.linalg.norm(cells, axis=1, keepdims=True), 1e-3)
    _, vectors = np.linalg.eigh(cells.T @ cells)
    explained = np.square(cells @ vectors[:, -COMPONENTS:]).sum(1)
    length = np.square(cells).sum(1)
    return np.asarray(length - explained, np.float64)
