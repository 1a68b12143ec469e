"""Findings about single images: too bad (blank, dark, blurred, ...), not upright, or no face."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.auditing.faceness import face_scores, turned_scores
from mien.auditing.finding import NOT_A_FACE, TURNED, Finding, finding
from mien.auditing.quality import BLANK, DARK, MEASURES, measured
from mien.data.near_duplicates import gray_images
from mien.faceset import FaceSet

LEAST_SCORE: Final = 0.15
"""Score of MTCNN's O-Net below which an image is no face. Of FER2013's faces, 0.7 % are below."""

UPRIGHT: Final = 0.97
"""Score from which an image is an upright face. Of FER2013's faces, 92 % are above."""

LEAST_TURNED: Final = 0.9
"""Score of a face after a turn, at least."""

LEAST_GAIN: Final = 3.0
"""Log odds that a turn gains, at least. Of FER2013's faces, 0.6 % gain as much: they are tilted by 45 degrees
or more. Of faces that were turned by 90 and 180 degrees, 89 and 83 % are found."""

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
    rejected = sum(one.reason == NOT_A_FACE for one in others)
    if rejected > MOST_REJECTED * len(faces):
        note = (
            f"{rejected:,} of {len(faces):,} images are no faces for the network that judges it, so neither "
            "these nor turned faces are reported: the data set seems to show other faces than photographs"
        )
        return found, [note]
    return [*found, *others], []


def _non_faces(faces: FaceSet) -> Iterator[Finding]:
    """Yield the images that show no face, and those that show one after a turn."""
    unusual = residuals(faces.images)
    limit = max(MOST_RESIDUAL, float(np.quantile(unusual, 0.99))) if len(unusual) else 1.0
    scores = face_scores(faces.images, np.where(unusual > limit, CERTAIN, UPRIGHT))
    turned = {one.position: one for one in _turned(faces, scores)}
    yield from turned.values()
    for at in np.flatnonzero((scores < LEAST_SCORE) | ((unusual > limit) & (scores < CERTAIN))):
        if int(at) in turned:
            continue
        reason = (
            "unlike the other images of the data set"
            if scores[at] >= LEAST_SCORE
            else "no face is recognized"
        )
        yield finding(
            faces, int(at), NOT_A_FACE, 1 - min(scores[at], 0.5 * CERTAIN if unusual[at] > limit else 1.0),
            details=f"{reason} (face score {scores[at]:.2f})",
        )  # fmt: skip


def _turned(faces: FaceSet, scores: Floats) -> Iterator[Finding]:
    """Yield the images that are more certainly a face after a turn by 90, 180 or 270 degrees."""
    rows = np.flatnonzero(scores < UPRIGHT)
    if not len(rows):
        return
    after, degrees = turned_scores(faces.images[rows])
    gain = log_odds(after) - log_odds(scores[rows])
    for at in np.flatnonzero((after >= LEAST_TURNED) & (gain > LEAST_GAIN)):
        yield finding(
            faces, int(rows[at]), TURNED, 1 - np.exp(-gain[at]),
            details=f"a face after a turn by {degrees[at]} degrees counterclockwise (score {after[at]:.2f}, "
            f"as it is {scores[rows[at]]:.2f})",
        )  # fmt: skip


def log_odds(scores: Floats) -> Floats:
    """Return the log odds of scores, which are limited to 0.001 to 0.999."""
    limited = np.clip(scores, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(limited / (1 - limited)), np.float64)


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
